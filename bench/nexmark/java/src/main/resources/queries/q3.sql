CREATE TABLE results (name STRING, city STRING, state STRING, auction BIGINT) WITH ('connector' = 'hash');
INSERT INTO results
SELECT P.name, P.city, P.state, A.id
FROM auction A INNER JOIN person P ON A.seller = P.id
WHERE A.category = 10 AND (P.state = 'OR' OR P.state = 'ID' OR P.state = 'CA');
