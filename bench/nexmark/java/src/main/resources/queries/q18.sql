CREATE TABLE results (auction BIGINT, bidder BIGINT, price BIGINT, channel STRING, url STRING, `at` TIMESTAMP(3), extra STRING) WITH ('connector' = 'hash');
INSERT INTO results
SELECT auction, bidder, price, channel, url, `at`, extra
FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY bidder, auction ORDER BY `at` DESC) AS row_rank FROM bid)
WHERE row_rank <= 1;
