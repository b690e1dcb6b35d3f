CREATE TABLE results (bidder BIGINT, bids BIGINT, starttime TIMESTAMP(3), endtime TIMESTAMP(3)) WITH ('connector' = 'hash');
INSERT INTO results
SELECT bidder, COUNT(*), SESSION_START(`at`, INTERVAL '10' SECOND), SESSION_END(`at`, INTERVAL '10' SECOND)
FROM bid
GROUP BY bidder, SESSION(`at`, INTERVAL '10' SECOND);
