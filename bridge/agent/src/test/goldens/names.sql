-- Names that do not exist; each once, also when more depends on it.
CREATE TABLE src (id BIGINT NOT NULL, name STRING, price DECIMAL(10, 2), ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '5' SECOND)
  WITH ('connector' = 'datagen');
CREATE TABLE snk (name STRING, n BIGINT, total DECIMAL(38, 2)) WITH ('connector' = 'blackhole');
CREATE VIEW broken AS SELECT nope FROM src;
CREATE TABLE broken_too (a INTT) WITH ('connector' = 'datagen');
INSERT INTO snk
SELECT name, COUNT(*),
       SUM(prise)
FROM src GROUP BY name;
INSERT INTO snk SELECT name, 1, price FROM nosuch;
INSERT INTO nosink SELECT name FROM src;
INSERT INTO snk (name, foo) SELECT name, id FROM src;
INSERT INTO snk SELECT name, foo(id), price FROM src;
INSERT INTO snk SELECT a.name, a.id, a.price FROM src a JOIN src b ON a.id = b.nope;
INSERT INTO snk SELECT nope, 1, 1 FROM broken;
INSERT INTO snk SELECT 'a', a, 1.0 FROM broken_too;
INSERT INTO snk SELECT name, COUNT(*), SUM(price)
  FROM TABLE(TUMBLE(TABLE src, DESCRIPTOR(nots), INTERVAL '1' MINUTE)) GROUP BY name, window_start, window_end;
USE CATALOG nowhere;
