// SPDX-License-Identifier: Apache-2.0
#include "postgres_session.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "copy_loader.h"
#include "copy_stream.h"
#include "postgres_dialect.h"
#include "postgres_error.h"
#include "postgres_types.h"

namespace streampark::connectors::postgres {
namespace {

using sql::Dialect;
using sql::Names;
using sql::NativeColumn;
using sql::TableName;
using sql::TextRow;

constexpr const char* kSettings =
    "SET standard_conforming_strings TO on; SET DateStyle TO 'ISO, YMD'; SET TimeZone TO 'UTC'; "
    "SET IntervalStyle TO postgres; SET bytea_output TO hex; SET extra_float_digits TO 3; "
    "SET client_min_messages TO error; SET lock_timeout TO '30s'; SET statement_timeout TO 0; "
    "SET idle_in_transaction_session_timeout TO 0";

/// The collation of a column, l, by a name that says how it sorts wherever it is met: `C` by code points; else with provider and version.
/// Null where nobody knows the version.
constexpr std::string_view kCollation =
    "CASE WHEN l.collprovider = 'd' THEN (SELECT CASE WHEN lower(replace(d.datcollate, '-', '')) "
    "IN ('c', 'posix', 'c.utf8') AND coalesce(to_jsonb(d)->>'datlocprovider', 'c') = 'c' THEN 'C' "
    "ELSE coalesce(to_jsonb(d)->>'datlocprovider', 'c') || ' ' || "
    "coalesce(to_jsonb(d)->>'datlocale', to_jsonb(d)->>'daticulocale', d.datcollate) || ' ' || "
    "(to_jsonb(d)->>'datcollversion') END FROM pg_database d WHERE d.datname = "
    "current_database()) WHEN l.collname IN ('C', 'POSIX') THEN 'C' ELSE l.collprovider::text || "
    "' ' || coalesce(to_jsonb(l)->>'colllocale', to_jsonb(l)->>'colliculocale', "
    "to_jsonb(l)->>'collcollate') || ' ' || l.collversion END";

/// Parameters of the JDBC driver's that change nothing here.
constexpr std::array<std::string_view, 6> kOfJdbc = {
    "reWriteBatchedInserts", "prepareThreshold", "stringtype",
    "loginTimeout",          "tcpKeepAlive",     "binaryTransfer"};

/// What libpq is told, by its names.
std::vector<std::pair<std::string, std::string>> ParametersOf(const sql::Address& address,
                                                              Use use) {
  std::vector<std::pair<std::string, std::string>> parameters = {{"application_name", "streampark"},
                                                                 {"connect_timeout", "10"}};
  for (const auto& [name, value] : address.parameters) {
    if (std::find(kOfJdbc.begin(), kOfJdbc.end(), name) != kOfJdbc.end()) {
      continue;
    }
    if (name == "currentSchema") {
      parameters.emplace_back("options", "-c search_path=" + value);
    } else if (name == "ApplicationName") {
      parameters.emplace_back("application_name", value);
    } else if (name == "ssl") {
      parameters.emplace_back("sslmode", value == "false" ? "disable" : "verify-full");
    } else if (name == "ssl-ca") {
      parameters.emplace_back("sslrootcert", value);
    } else {
      parameters.emplace_back(name, value);
    }
  }
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) {
      parameters.emplace_back(name, value);
    }
  };
  add("host", address.host.empty() ? "localhost" : address.host);
  add("port", address.port == 0 ? "" : std::to_string(address.port));
  add("dbname", address.database);
  add("user", address.user);
  add("password", address.password);
  add("client_encoding", "UTF8");
  add("replication", use == Use::kReplication ? "database" : "");
  return parameters;
}

std::optional<std::int64_t> NumberOf(const std::optional<std::string>& text) {
  std::int64_t value = 0;
  if (!text ||
      std::from_chars(text->data(), text->data() + text->size(), value).ec != std::errc()) {
    return std::nullopt;
  }
  return value;
}

/// Advisory locks have numbers of 64 bits.
std::string LockOf(const std::string& job) {
  std::uint64_t number = 0;
  std::from_chars(job.data(), job.data() + job.size(), number, 16);
  return std::to_string(static_cast<std::int64_t>(number));
}

Names FirstColumnOf(std::vector<TextRow> rows) {
  Names names;
  for (TextRow& row : rows) {
    names.push_back(std::move(row.at(0)).value_or(""));
  }
  return names;
}

}  // namespace

std::string ClassOf(const TableName& table) {
  return "to_regclass(" + Dialect::QuoteText(PostgresDialect().Quote(table)) + ")";
}

base::Result<ConnectionPtr> ConnectTo(const Libpq& pq, const sql::Address& address, Use use) {
  const auto parameters = ParametersOf(address, use);
  std::vector<const char*> names;
  std::vector<const char*> values;
  for (const auto& [name, value] : parameters) {
    names.push_back(name.c_str());
    values.push_back(value.c_str());
  }
  names.push_back(nullptr);
  values.push_back(nullptr);
  ConnectionPtr connection(pq.PQconnectdbParams(names.data(), values.data(), 0),
                           FreeConnection{&pq});
  if (pq.PQstatus(connection.get()) != CONNECTION_OK) {
    return ErrorOf(pq, connection.get(), nullptr);
  }
  SP_TRY(Run(pq, connection.get(), kSettings));
  return connection;
}

base::Result<ResultPtr> Run(const Libpq& pq, PGconn* connection, const std::string& statements) {
  ResultPtr result(pq.PQexec(connection, statements.c_str()), FreeResult{&pq});
  const auto status = result ? pq.PQresultStatus(result.get()) : PGRES_FATAL_ERROR;
  if (status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE ||
      status == PGRES_NONFATAL_ERROR) {
    return ErrorOf(pq, connection, result.get());
  }
  return result;
}

base::Result<std::unique_ptr<PostgresSession>> PostgresSession::Connect(
    const sql::Address& address) {
  const Libpq* pq = SP_TRY(Libpq::Load());
  auto connection = SP_TRY(ConnectTo(*pq, address, Use::kStatements));
  return std::unique_ptr<PostgresSession>(new PostgresSession(*pq, std::move(connection)));
}

base::Status PostgresSession::Execute(const std::string& statement) {
  SP_TRY(Run(pq_, connection_.get(), statement));
  return base::Ok();
}

base::Result<std::vector<TextRow>> PostgresSession::Query(const std::string& query) {
  const auto result = SP_TRY(Run(pq_, connection_.get(), query));
  std::vector<TextRow> rows(static_cast<std::size_t>(pq_.PQntuples(result.get())));
  const int columns = pq_.PQnfields(result.get());
  for (int row = 0; row < static_cast<int>(rows.size()); ++row) {
    for (int column = 0; column < columns; ++column) {
      auto& value = rows[static_cast<std::size_t>(row)].emplace_back();
      if (pq_.PQgetisnull(result.get(), row, column) == 0) {
        value.emplace(pq_.PQgetvalue(result.get(), row, column),
                      static_cast<std::size_t>(pq_.PQgetlength(result.get(), row, column)));
      }
    }
  }
  return rows;
}

base::Result<ResultPtr> PostgresSession::DescribeOnServer(const std::string& select) {
  ResultPtr prepared(pq_.PQprepare(connection_.get(), "", select.c_str(), 0, nullptr),
                     FreeResult{&pq_});
  if (pq_.PQresultStatus(prepared.get()) != PGRES_COMMAND_OK) {
    return ErrorOf(pq_, connection_.get(), prepared.get());
  }
  ResultPtr described(pq_.PQdescribePrepared(connection_.get(), ""), FreeResult{&pq_});
  if (pq_.PQresultStatus(described.get()) != PGRES_COMMAND_OK) {
    return ErrorOf(pq_, connection_.get(), described.get());
  }
  return described;
}

base::Result<std::vector<NativeColumn>> PostgresSession::Describe(const std::string& select) {
  const auto described = SP_TRY(DescribeOnServer(select));
  const int count = pq_.PQnfields(described.get());
  std::vector<NativeColumn> columns;
  std::string types;
  for (int i = 0; i < count; ++i) {
    NativeColumn& column = columns.emplace_back();
    column.name = pq_.PQfname(described.get(), i);
    column.code = pq_.PQftype(described.get(), i);
    column.modifier = pq_.PQfmod(described.get(), i);
    types += (types.empty() ? "(" : ", (") + std::to_string(i) + ", " +
             std::to_string(column.code) + "::oid, " + std::to_string(column.modifier) + ", " +
             std::to_string(pq_.PQftable(described.get(), i)) + "::oid, " +
             std::to_string(pq_.PQftablecol(described.get(), i)) + ")";
  }
  if (count == 0) {
    return columns;
  }
  const auto rows = SP_TRY(Query(
      "SELECT format_type(c.type, c.modifier), t.typtype, t.typcategory, coalesce(a.attnotnull, "
      "false), " +
      std::string(kCollation) + " FROM (VALUES " + types +
      ") AS c(n, type, modifier, relation, attribute) JOIN pg_type t ON t.oid = c.type LEFT JOIN "
      "pg_attribute a ON a.attrelid = c.relation AND a.attnum = c.attribute LEFT JOIN pg_collation "
      "l ON l.oid = a.attcollation ORDER BY c.n"));
  for (std::size_t i = 0; i < columns.size() && i < rows.size(); ++i) {
    NativeColumn& column = columns[i];
    column.native = rows[i].at(0).value_or("");
    column.nullability = rows[i].at(3) == "t" ? Nullability::kRequired : Nullability::kNullable;
    column.wire = WireOf(column.code, column.modifier);
    SettleType(rows[i].at(1).value_or(""), rows[i].at(2).value_or(""), column);
    column.texts = TextsOf(column.code);
    column.sorting = SortingOf(column.code, rows[i].at(4).value_or(""));
  }
  return columns;
}

base::Result<Names> PostgresSession::PrimaryKey(const TableName& table) {
  return FirstColumnOf(
      SP_TRY(Query("SELECT a.attname FROM pg_index i CROSS JOIN LATERAL unnest(i.indkey) WITH "
                   "ORDINALITY AS k(attribute, place) JOIN pg_attribute a ON a.attrelid = "
                   "i.indrelid AND a.attnum = k.attribute WHERE i.indisprimary AND k.place <= "
                   "i.indnkeyatts AND i.indrelid = " +
                   ClassOf(table) + " ORDER BY k.place")));
}

base::Result<std::vector<Names>> PostgresSession::UniqueKeys(const TableName& table) {
  std::vector<Names> keys;
  std::string index;
  for (const TextRow& row : SP_TRY(
           Query("SELECT i.indexrelid, a.attname FROM pg_index i CROSS JOIN LATERAL "
                 "unnest(i.indkey) WITH ORDINALITY AS k(attribute, place) JOIN pg_attribute a ON "
                 "a.attrelid = i.indrelid AND a.attnum = k.attribute WHERE i.indisunique AND "
                 "i.indimmediate AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL AND "
                 "k.place <= i.indnkeyatts AND i.indrelid = " +
                 ClassOf(table) + " ORDER BY i.indexrelid, k.place"))) {
    if (keys.empty() || index != row.at(0)) {
      index = row.at(0).value_or("");
      keys.emplace_back();
    }
    keys.back().push_back(row.at(1).value_or(""));
  }
  return keys;
}

base::Status PostgresSession::Lock(const std::string& job) {
  return Execute("SELECT pg_advisory_lock(" + LockOf(job) + ")");
}

base::Status PostgresSession::Unlock(const std::string& job) {
  return Execute("SELECT pg_advisory_unlock(" + LockOf(job) + ")");
}

base::Result<std::optional<std::int64_t>> PostgresSession::EstimateRows(const TableName& table) {
  const auto rows = SP_TRY(Query(
      "SELECT reltuples::bigint FROM pg_class WHERE reltuples >= 0 AND oid = " + ClassOf(table)));
  return rows.empty() ? std::nullopt : NumberOf(rows[0].at(0));
}

base::Result<std::vector<TableName>> PostgresSession::Tables() {
  std::vector<TableName> tables;
  for (TextRow& row :
       SP_TRY(Query("SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = "
                    "c.relnamespace WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND "
                    "c.relpersistence <> 't' AND n.nspname <> 'information_schema' AND NOT "
                    "starts_with(n.nspname, 'pg_')"))) {
    tables.push_back({row.at(0).value_or(""), row.at(1).value_or("")});
  }
  return tables;
}

base::Result<std::string> PostgresSession::OwnSchema() {
  const auto rows = SP_TRY(Query("SELECT current_schema()"));
  return rows.empty() ? std::string() : rows[0].at(0).value_or("");
}

base::Result<Names> PostgresSession::TablesLike(const std::string& schema,
                                                const std::string& prefix) {
  return FirstColumnOf(SP_TRY(Query(
      "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE "
      "c.relkind = 'r' AND starts_with(c.relname, " +
      Dialect::QuoteText(prefix) +
      ") AND n.nspname = " + (schema.empty() ? "current_schema()" : Dialect::QuoteText(schema)))));
}

base::Result<std::optional<sql::Session::PhysicalOrder>> PostgresSession::FindPhysicalOrder(
    const TableName& table, std::int64_t rows) {
  const auto found = SP_TRY(
      Query("SELECT pg_relation_size(oid) / current_setting('block_size')::bigint, "
            "greatest(reltuples, 0)::bigint, greatest(relpages, 0) FROM pg_class WHERE relkind IN "
            "('r', 'm') AND oid = " +
            ClassOf(table)));
  if (found.empty()) {
    return std::optional<PhysicalOrder>();
  }
  constexpr std::int64_t kRowsOfAPage = 100;  // when the table was never analyzed
  const std::int64_t pages = NumberOf(found[0].at(0)).value_or(0);
  const std::int64_t known_rows = NumberOf(found[0].at(1)).value_or(0);
  const std::int64_t known_pages = NumberOf(found[0].at(2)).value_or(0);
  const std::int64_t density = known_rows > 0 && known_pages > 0
                                   ? std::max<std::int64_t>(known_rows / known_pages, 1)
                                   : kRowsOfAPage;
  const std::int64_t step = std::max<std::int64_t>(rows / density, 1);
  PhysicalOrder order;
  order.column = {.name = "ctid",
                  .native = "tid",
                  .natural = Type(TypeKind::kString),
                  .nullability = Nullability::kRequired,
                  .code = kTid};
  for (std::int64_t page = step; page < pages; page += step) {
    order.bounds.push_back("(" + std::to_string(page) + ",0)");
  }
  return order;
}

base::Result<std::string> PostgresSession::ExportSnapshot() {
  const auto rows =
      SP_TRY(Query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT pg_export_snapshot()"));
  return rows.empty() ? std::string() : rows[0].at(0).value_or("");
}

base::Status PostgresSession::BeginReading(const std::string& snapshot) {
  auto begun =
      Execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" +
              (snapshot.empty() ? std::string()
                                : "; SET TRANSACTION SNAPSHOT " + Dialect::QuoteText(snapshot)));
  if (!begun.ok() && !begun.error().retryable() && !snapshot.empty()) {
    return base::Error(base::ErrorCode::kIllegalState,
                       "the snapshot that all readers share is gone: " + begun.error().message())
        .WithHint(
            "the server or its connection ended; started again, the job reads the rest as it is by "
            "then");
  }
  return begun;
}

base::Status PostgresSession::EndReading() { return Execute("COMMIT"); }

base::Result<std::unique_ptr<sql::RowStream>> PostgresSession::Stream(const std::string& select,
                                                                      const SchemaPtr& schema) {
  const auto described = SP_TRY(DescribeOnServer(select));
  std::vector<std::uint32_t> types;
  for (int i = 0; i < pq_.PQnfields(described.get()); ++i) {
    types.push_back(pq_.PQftype(described.get(), i));
  }
  return OpenCopyStream(pq_, connection_.get(), select, types, schema);
}

base::Result<std::unique_ptr<sql::Loader>> PostgresSession::Load(const sql::LoadTarget& target,
                                                                 const SchemaPtr& schema) {
  return MakeCopyLoader(pq_, connection_.get(), target, schema);
}

}  // namespace streampark::connectors::postgres
