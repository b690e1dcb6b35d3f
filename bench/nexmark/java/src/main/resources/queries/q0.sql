CREATE TABLE results (auction BIGINT, bidder BIGINT, price BIGINT, channel STRING, url STRING, `at` TIMESTAMP(3), extra STRING) WITH ('connector' = 'hash');
INSERT INTO results SELECT auction, bidder, price, channel, url, `at`, extra FROM bid;
