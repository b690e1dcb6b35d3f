CREATE TABLE src (id INT) WITH ('connector' = 'datagen');
CREATE TABLE snk (id INT) WITH ('connector' = 'blackhole');
INSERT INTO snk SELEC id FROM src;
INSERT INTO snk
  SELECT id FRM src;
CREATE TABLE pk (id INT, PRIMARY KEY (id)) WITH ('connector' = 'datagen');
CREATE TABLE wm (id INT, WATERMARK FOR ts AS ts) WITH ('connector' = 'datagen');
CREATE TABLE half (id INT
;
nonsense here;
SET 'a';
INSERT INTO snk SELECT "id" FROM src;
END;
INSERT INTO snk SELECT id FROM src WHERE id = 'open;
