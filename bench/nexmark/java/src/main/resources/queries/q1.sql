CREATE TABLE results (auction BIGINT, bidder BIGINT, price DECIMAL(23, 3), `at` TIMESTAMP(3), extra STRING) WITH ('connector' = 'hash');
INSERT INTO results SELECT auction, bidder, 0.908 * price, `at`, extra FROM bid;
