// SPDX-License-Identifier: Apache-2.0

export interface Sample {
  /** Its texts are below `job.sample`. */
  key: 'print' | 'window' | 'statementSet'
  sql: string
}

/** Jobs that run on every installation as they are: their connectors are part of the engine. */
export const kSamples: readonly Sample[] = [
  {
    key: 'print',
    sql: `-- Made-up orders, ten a second, written to the TaskManager's log.
CREATE TABLE orders (
  order_id BIGINT,
  price DECIMAL(10, 2),
  buyer STRING,
  ordered_at AS PROCTIME()
) WITH (
  'connector' = 'datagen',
  'rows-per-second' = '10',
  'fields.order_id.kind' = 'sequence',
  'fields.order_id.start' = '1',
  'fields.order_id.end' = '1000000000',
  'fields.price.min' = '1',
  'fields.price.max' = '500',
  'fields.buyer.length' = '6'
);

CREATE TABLE printed (
  order_id BIGINT,
  price DECIMAL(10, 2),
  buyer STRING
) WITH (
  'connector' = 'print'
);

INSERT INTO printed
SELECT order_id, price, buyer
FROM orders
WHERE price > 100;
`,
  },
  {
    key: 'window',
    sql: `-- Turnover of each shop in windows of ten seconds of event time.
CREATE TABLE sales (
  shop INT,
  amount DOUBLE,
  sold_at TIMESTAMP(3),
  WATERMARK FOR sold_at AS sold_at - INTERVAL '2' SECOND
) WITH (
  'connector' = 'datagen',
  'rows-per-second' = '50',
  'fields.shop.min' = '1',
  'fields.shop.max' = '5',
  'fields.amount.min' = '1',
  'fields.amount.max' = '90',
  'fields.sold_at.max-past' = '2s'
);

CREATE TABLE turnover (
  window_start TIMESTAMP(3),
  window_end TIMESTAMP(3),
  shop INT,
  sales BIGINT,
  turnover DOUBLE
) WITH (
  'connector' = 'print'
);

INSERT INTO turnover
SELECT window_start, window_end, shop, COUNT(*), ROUND(SUM(amount), 2)
FROM TABLE(TUMBLE(TABLE sales, DESCRIPTOR(sold_at), INTERVAL '10' SECOND))
GROUP BY window_start, window_end, shop;
`,
  },
  {
    key: 'statementSet',
    sql: `-- One source, two sinks, one job: several INSERTs run as one statement set.
CREATE TABLE readings (
  sensor INT,
  temperature DOUBLE
) WITH (
  'connector' = 'datagen',
  'rows-per-second' = '20',
  'fields.sensor.min' = '1',
  'fields.sensor.max' = '8',
  'fields.temperature.min' = '-10',
  'fields.temperature.max' = '45'
);

CREATE TABLE hottest (
  sensor INT,
  temperature DOUBLE,
  PRIMARY KEY (sensor) NOT ENFORCED
) WITH (
  'connector' = 'print',
  'print-identifier' = 'hottest'
);

CREATE TABLE frost (
  sensor INT,
  temperature DOUBLE
) WITH (
  'connector' = 'print',
  'print-identifier' = 'frost'
);

EXECUTE STATEMENT SET
BEGIN
  INSERT INTO hottest
  SELECT sensor, MAX(temperature)
  FROM readings
  GROUP BY sensor;

  INSERT INTO frost
  SELECT sensor, temperature
  FROM readings
  WHERE temperature < 0;
END;
`,
  },
]

/** What a pump begins with. */
export const kPump = `# What is moved, and where to. All keys: pump/README.md
source:
  connector: postgres            # or mariadb, sqlite
  url: postgres://reader@localhost/shop
  tables: [public.*]
transforms: []
sink:
  connector: postgres
  url: postgres://writer@localhost/warehouse
  schema: shop
  create: true                   # targets that are missing are made
split: {rows: 100000}
`

/** What a library's configuration begins with: what the SDK's template has. */
export const kConfiguration = `# application.yml: everything that changes between places
app: {}
native:
  checkpoint: {interval: 10s}
`
