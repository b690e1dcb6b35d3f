CREATE TABLE results (auction BIGINT) WITH ('connector' = 'hash');
INSERT INTO results SELECT bid.auction FROM events WHERE bid.extra = 'none' OR auction.extra = 'none' OR person.extra = 'none';
