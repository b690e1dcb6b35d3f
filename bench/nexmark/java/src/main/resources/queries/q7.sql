CREATE TABLE results (auction BIGINT, bidder BIGINT, price BIGINT, `at` TIMESTAMP(3), extra STRING) WITH ('connector' = 'hash');
INSERT INTO results
SELECT B.auction, B.bidder, B.price, B.`at`, B.extra
FROM bid B
JOIN (
  SELECT MAX(price) AS maxprice, window_end AS endtime
  FROM TABLE(TUMBLE(TABLE bid, DESCRIPTOR(`at`), INTERVAL '10' SECOND))
  GROUP BY window_start, window_end
) B1 ON B.price = B1.maxprice
WHERE B.`at` BETWEEN B1.endtime - INTERVAL '10' SECOND AND B1.endtime;
