CREATE TABLE results (auction BIGINT, bidder BIGINT, price BIGINT, `at` TIMESTAMP(3), `value` STRING) WITH ('connector' = 'hash');
INSERT INTO results
SELECT B.auction, B.bidder, B.price, B.`at`, S.`value`
FROM (SELECT *, PROCTIME() AS p_time, MOD(auction, 10000) AS side_key FROM bid) B
JOIN side FOR SYSTEM_TIME AS OF B.p_time AS S ON B.side_key = S.key;
