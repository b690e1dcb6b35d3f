CREATE TABLE events (
  person ROW<id BIGINT NOT NULL, name STRING NOT NULL, email STRING NOT NULL, card STRING NOT NULL, city STRING NOT NULL, state STRING NOT NULL, `at` TIMESTAMP(3) NOT NULL, extra STRING NOT NULL>,
  auction ROW<id BIGINT NOT NULL, item STRING NOT NULL, description STRING NOT NULL, initial_bid BIGINT NOT NULL, reserve BIGINT NOT NULL, `at` TIMESTAMP(3) NOT NULL, expires TIMESTAMP(3) NOT NULL, seller BIGINT NOT NULL, category BIGINT NOT NULL, extra STRING NOT NULL>,
  bid ROW<auction BIGINT NOT NULL, bidder BIGINT NOT NULL, price BIGINT NOT NULL, channel STRING NOT NULL, url STRING NOT NULL, `at` TIMESTAMP(3) NOT NULL, extra STRING NOT NULL>,
  `at` AS CASE WHEN bid IS NOT NULL THEN bid.`at` WHEN auction IS NOT NULL THEN auction.`at` ELSE person.`at` END,
  WATERMARK FOR `at` AS `at` - INTERVAL '4' SECOND
) WITH (${SOURCE});

CREATE VIEW person AS
SELECT person.id AS id, person.name AS name, person.email AS email, person.card AS card, person.city AS city, person.state AS state, `at`, person.extra AS extra
FROM events WHERE person IS NOT NULL;

CREATE VIEW auction AS
SELECT auction.id AS id, auction.item AS item, auction.description AS description, auction.initial_bid AS initial_bid, auction.reserve AS reserve, `at`, auction.expires AS expires, auction.seller AS seller, auction.category AS category, auction.extra AS extra
FROM events WHERE auction IS NOT NULL;

CREATE VIEW bid AS
SELECT bid.auction AS auction, bid.bidder AS bidder, bid.price AS price, bid.channel AS channel, bid.url AS url, `at`, bid.extra AS extra
FROM events WHERE bid IS NOT NULL;

CREATE TABLE side (key BIGINT, `value` STRING) WITH ('connector' = 'side', 'path' = '${SIDE}');
