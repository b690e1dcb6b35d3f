CREATE TABLE results (auction BIGINT, `day` STRING, bids BIGINT, cheap BIGINT, middling BIGINT, dear BIGINT, least BIGINT, greatest BIGINT, mean BIGINT, total BIGINT) WITH ('connector' = 'hash');
INSERT INTO results
SELECT auction, DATE_FORMAT(`at`, 'yyyy-MM-dd') AS `day`, COUNT(*),
  COUNT(*) FILTER (WHERE price < 10000),
  COUNT(*) FILTER (WHERE price >= 10000 AND price < 1000000),
  COUNT(*) FILTER (WHERE price >= 1000000),
  MIN(price), MAX(price), AVG(price), SUM(price)
FROM bid
GROUP BY auction, DATE_FORMAT(`at`, 'yyyy-MM-dd');
