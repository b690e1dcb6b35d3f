CREATE TABLE quelle (id INT, `größe;` STRING) WITH ('connector' = 'datagen');
-- Kommentar; mit 'Anführung
CREATE TABLE 汇 (id INT) WITH ('connector' = 'blackhole');
INSERT INTO 汇
	SELECT /* 😀; */ größe FROM quelle;
INSERT INTO 汇 SELECT id FROM quelle WHERE `größe;` = '😀;' AND nein;
