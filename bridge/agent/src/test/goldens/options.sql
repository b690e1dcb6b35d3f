CREATE TABLE no_connector (id INT);
CREATE TABLE no_connector_key (id INT) WITH ('conector' = 'datagen');
CREATE TABLE no_such_connector (id INT) WITH (
  'connector' = 'datagn'
);
CREATE TABLE unknown_option (id INT) WITH (
  'connector' = 'datagen',
  'rows-per-secon' = '1',
  'nonsense' = '2'
);
CREATE TABLE bad_value (id INT) WITH ('connector' = 'datagen', 'rows-per-second' = 'many');
CREATE TABLE missing_option (id INT) WITH ('connector' = 'filesystem', 'format' = 'csv');
CREATE TABLE no_such_format (id INT) WITH ('connector' = 'filesystem', 'path' = '/nowhere', 'format' = 'jsn');
CREATE TABLE bad_format_option (id INT) WITH ('connector' = 'filesystem', 'path' = '/nowhere', 'format' = 'json', 'json.timestamp-format.standard' = 'x');
CREATE TABLE src (id INT) WITH ('connector' = 'datagen');
CREATE TABLE snk (id INT) WITH ('connector' = 'blackhole');
BEGIN STATEMENT SET;
INSERT INTO snk SELECT id FROM unknown_option;
INSERT INTO snk SELECT id FROM bad_format_option;
INSERT INTO snk SELECT id FROM src /*+ OPTIONS('rows-per-secon' = '1') */;
INSERT INTO src SELECT id FROM src;
INSERT INTO snk SELECT id FROM snk;
END;
