SET 'execution.checkpointing.interval' = '10s';
SET 'table.exec.state.ttl' = '1 d';
CREATE TABLE orders (
  id BIGINT NOT NULL COMMENT 'the key',
  price DECIMAL(10, 2),
  at_ms BIGINT,
  ts AS TO_TIMESTAMP_LTZ(at_ms, 3),
  WATERMARK FOR ts AS ts - INTERVAL '5' SECOND,
  PRIMARY KEY (id) NOT ENFORCED
) WITH ('connector' = 'datagen');
CREATE TEMPORARY TABLE totals (w TIMESTAMP_LTZ(3), total DECIMAL(38, 2)) WITH ('connector' = 'blackhole');
CREATE VIEW dear AS SELECT * FROM orders WHERE price > 10;
INSERT INTO totals
SELECT window_start, SUM(price) FROM TABLE(TUMBLE(TABLE dear, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) GROUP BY window_start, window_end;
