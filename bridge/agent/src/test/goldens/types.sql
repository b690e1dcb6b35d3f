CREATE TABLE src (id BIGINT NOT NULL, name STRING, price DECIMAL(10, 2), flag BOOLEAN) WITH ('connector' = 'datagen');
CREATE TABLE snk (name STRING, n BIGINT, total DECIMAL(38, 2)) WITH ('connector' = 'blackhole');
BEGIN STATEMENT SET;
INSERT INTO snk SELECT name + 1, id, price FROM src;
INSERT INTO snk SELECT name, id, price FROM src
WHERE flag AND id;
INSERT INTO snk SELECT UPPER(price), id, price FROM src;
INSERT INTO snk SELECT UPPER(name, name), id, price FROM src;
INSERT INTO snk SELECT name, COUNT(*) FROM src GROUP BY name;
INSERT INTO snk SELECT flag, id, price FROM src;
INSERT INTO snk SELECT name, id, price FROM src GROUP BY name;
INSERT INTO snk SELECT CAST(name AS BIGINTT), id, price FROM src;
END;
