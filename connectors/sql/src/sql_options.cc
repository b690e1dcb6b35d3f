// SPDX-License-Identifier: Apache-2.0
#include "streampark/connectors/sql/sql_connector.h"

namespace streampark::connectors::sql {

std::vector<OptionSpec> SqlOptions() {
  return {
      {.name = "url",
       .kind = OptionKind::kSecret,
       .text =
           "Where the database is: `postgres://user@host:5432/database`, "
           "`mariadb://user@host:3306/database`, `sqlite:/folder/file.db`, each also as `jdbc:` "
           "has it. Parameters follow a `?`.",
       .presence = OptionSpec::Presence::kRequired,
       .aliases = {"jdbcUrl", "jdbc-url"}},
      {.name = "username", .text = "Over the one in the address.", .aliases = {"user"}},
      {.name = "password", .kind = OptionKind::kSecret, .text = "Over the one in the address."},
      {.name = "table",
       .text =
           "`orders`, `sales.orders`, or with quotes: `\"Sales\".\"Orders\"`. Letters are taken "
           "as they are written."},
      {.name = "query", .text = "A select to read instead of a table.", .use = OptionUse::kSource},
      {.name = "key",
       .kind = OptionKind::kList,
       .text = "The columns that name a row. A source reads by them, in parallel and from a "
               "position on; absent: the table's primary key. A sink's `mode: upsert` writes by "
               "them, and `create` makes them the primary key."},
      {.name = "mode",
       .kind = OptionKind::kChoice,
       .text = "A sink's: `append` (without it); `upsert`, which replaces rows by their key and "
               "takes updates and deletes; `ignore`, which leaves rows whose key is there as they "
               "are; of a pump `overwrite`, which empties the table first. A source's: `rows` "
               "(without it) reads what is there, `changes` the log.",
       .choices = {"append", "upsert", "ignore", "overwrite", "rows", "changes"}},
      {.name = "columns",
       .kind = OptionKind::kList,
       .text = "The columns that are read or written, in this order; absent: those that the rows "
               "are asked for with, or all."},
      {.name = "where",
       .text = "A condition in the database's SQL: only rows that meet it are read.",
       .use = OptionUse::kSource},
      {.name = "resume",
       .kind = OptionKind::kChoice,
       .text = "After an interruption a part is read on from its last `row`, for which rows are "
               "read in the order of the key; or again from its beginning (`split`), in any order.",
       .fallback = "row",
       .use = OptionUse::kSource,
       .choices = {"row", "split"}},
      {.name = "split.rows",
       .kind = OptionKind::kInteger,
       .text = "About how many rows a part has that one reader reads.",
       .fallback = "250000",
       .use = OptionUse::kSource,
       .least = 1},
      {.name = "batch.rows",
       .kind = OptionKind::kInteger,
       .text = "The most rows that are read at once.",
       .fallback = "4096",
       .use = OptionUse::kSource,
       .least = 1,
       .most = 65'536},
      {.name = "poll.column",
       .text =
           "A column that only grows: the source never ends, and looks again and again for rows "
           "beyond the greatest it has seen. Rows that become visible later with a smaller "
           "value are missed; changes and deletes are not seen.",
       .use = OptionUse::kSource},
      {.name = "poll.interval",
       .kind = OptionKind::kDuration,
       .text = "How often it looks.",
       .fallback = "1s",
       .use = OptionUse::kSource,
       .least = 1},
      {.name = "delivery",
       .kind = OptionKind::kChoice,
       .text = "`exactly-once` stages rows beside the table and merges them when a checkpoint is "
               "committed; `at-least-once` writes at once, and after a failure again. The "
               "original's names are read too.",
       .fallback = "exactly-once",
       .use = OptionUse::kSink,
       .choices = {"exactly-once", "at-least-once", "EXACTLY_ONCE", "AT_LEAST_ONCE", "NONE"},
       .aliases = {"semantic"}},
      {.name = "create",
       .kind = OptionKind::kBoolean,
       .text = "Whether to make the table when it is missing.",
       .fallback = "false",
       .use = OptionUse::kSink},
      {.name = "staging.schema",
       .text = "The schema, of MariaDB the database, for staged rows and the ledger; absent: the "
               "table's.",
       .use = OptionUse::kSink},
  };
}

bool AsksForCopies(const OptionValues& options) {
  const auto asked = options.given().find("encoding");  // which not every database has
  return asked != options.given().end() && asked->second == "copy";
}

OptionSpec EncodingOption() {
  return {.name = "encoding",
          .kind = OptionKind::kChoice,
          .text =
              "`copy` reads and writes each row as the bytes that COPY has for it, from one "
              "table to another whose columns have the same types: what a pump does by itself "
              "when nothing looks into the rows.",
          .fallback = "columns",
          .choices = {"columns", "copy"}};
}

}  // namespace streampark::connectors::sql
