// SPDX-License-Identifier: Apache-2.0
#include "mariadb_session.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>

#include "bulk_loader.h"
#include "mariadb_dialect.h"
#include "mariadb_error.h"
#include "mariadb_types.h"
#include "statement_stream.h"

namespace streampark::connectors::mariadb {
namespace {

using sql::Dialect;
using sql::Names;
using sql::NativeColumn;
using sql::TableName;
using sql::TextRow;

/// A reader may be slower than the server by far: it waits then, and must not be cut off.
constexpr const char* kSettings =
    "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,"
    "ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION,NO_BACKSLASH_ESCAPES,"
    "NO_AUTO_VALUE_ON_ZERO', time_zone = '+00:00', innodb_lock_wait_timeout = 30, "
    "lock_wait_timeout = 30, net_write_timeout = 28800, net_read_timeout = 3600";

/// Parameters of the JDBC drivers' that change nothing here.
constexpr std::array<std::string_view, 12> kOfJdbc = {
    "serverTimezone",           "useUnicode",           "characterEncoding",
    "rewriteBatchedStatements", "useCursorFetch",       "autoReconnect",
    "allowPublicKeyRetrieval",  "zeroDateTimeBehavior", "connectionTimeZone",
    "useServerPrepStmts",       "cachePrepStmts",       "tinyInt1isBit"};

struct Tls {
  enum class Mode : std::uint8_t {
    kPreferred,
    kNever,
    kRequired,
    kVerified
  } mode = Mode::kPreferred;
  std::string ca, certificate, key;
};

base::Result<Tls> TlsOf(const sql::Address& address) {
  Tls tls;
  for (const auto& [name, value] : address.parameters) {
    if (std::ranges::find(kOfJdbc, name) != kOfJdbc.end()) {
      continue;
    }
    if (name == "ssl-ca" || name == "serverSslCert") {
      tls.ca = value;
    } else if (name == "ssl-cert") {
      tls.certificate = value;
    } else if (name == "ssl-key") {
      tls.key = value;
    } else if (name == "useSSL" || name == "requireSSL") {
      tls.mode = value == "false" ? Tls::Mode::kNever : Tls::Mode::kRequired;
    } else if (name == "sslmode" || name == "sslMode") {
      std::string mode;
      for (const char c : value) {
        mode.push_back(c == '_' ? '-'
                                : static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
      }
      const bool verified = mode.starts_with("verify");
      if (mode == "disable" || mode == "disabled") {
        tls.mode = Tls::Mode::kNever;
      } else if (mode == "prefer" || mode == "preferred") {
        tls.mode = Tls::Mode::kPreferred;
      } else if (mode == "require" || mode == "required" || mode == "trust" || verified) {
        tls.mode = verified ? Tls::Mode::kVerified : Tls::Mode::kRequired;
      } else {
        return base::Error(base::ErrorCode::kInvalidRequest,
                           "the address has sslmode=" + value + ", which is none")
            .WithHint("disable, prefer, require or verify-full");
      }
    } else {
      return base::Error(base::ErrorCode::kInvalidRequest,
                         "the address has a parameter '" + name + "', which is not known")
          .WithHint("sslmode, ssl-ca, ssl-cert, ssl-key");
    }
  }
  if (!tls.ca.empty() && tls.mode == Tls::Mode::kPreferred) {
    tls.mode = Tls::Mode::kVerified;
  }
  return tls;
}

void SetTls(const Libmariadb& my, MYSQL* connection, const Tls& tls) {
  const auto set = [&](mysql_option option, const std::string& value) {
    if (!value.empty()) {
      my.mysql_options(connection, option, value.c_str());
    }
  };
  set(MYSQL_OPT_SSL_CA, tls.ca);
  set(MYSQL_OPT_SSL_CERT, tls.certificate);
  set(MYSQL_OPT_SSL_KEY, tls.key);
  const my_bool yes = 1;
  const my_bool no = 0;
  if (tls.mode == Tls::Mode::kRequired || tls.mode == Tls::Mode::kVerified) {
    my.mysql_options(connection, MYSQL_OPT_SSL_ENFORCE, &yes);
  }
  my.mysql_options(connection, MYSQL_OPT_SSL_VERIFY_SERVER_CERT,
                   tls.mode == Tls::Mode::kVerified ? &yes : &no);
}

std::string SchemaOf(const TableName& table) {
  return table.schema.empty() ? "DATABASE()" : Dialect::QuoteText(table.schema);
}

std::string WhereTable(const TableName& table) {
  return " WHERE TABLE_SCHEMA = " + SchemaOf(table) +
         " AND TABLE_NAME = " + Dialect::QuoteText(table.table);
}

std::optional<std::int64_t> NumberOf(const std::optional<std::string>& text) {
  std::int64_t value = 0;
  if (!text ||
      std::from_chars(text->data(), text->data() + text->size(), value).ec != std::errc()) {
    return std::nullopt;
  }
  return value;
}

}  // namespace

base::Result<std::unique_ptr<MariadbSession>> MariadbSession::Connect(const sql::Address& address) {
  const Libmariadb* my = SP_TRY(Libmariadb::Load());
  const Tls tls = SP_TRY(TlsOf(address));
  ConnectionPtr connection(my->mysql_init(nullptr), CloseConnection{my});
  if (!connection) {
    return base::Error(base::ErrorCode::kInternal, "no memory for a connection");
  }
  const unsigned seconds = 10;
  const unsigned no_local_files = 0;
  my->mysql_options(connection.get(), MYSQL_OPT_CONNECT_TIMEOUT, &seconds);
  my->mysql_options(connection.get(), MYSQL_OPT_LOCAL_INFILE, &no_local_files);
  my->mysql_options(connection.get(), MYSQL_SET_CHARSET_NAME, "utf8mb4");
  SetTls(*my, connection.get(), tls);
  const bool socket = address.host.starts_with('/');
  const std::string host = address.host.empty() ? "localhost" : address.host;
  if (my->mysql_real_connect(connection.get(), socket ? nullptr : host.c_str(),
                             address.user.c_str(), address.password.c_str(),
                             address.database.empty() ? nullptr : address.database.c_str(),
                             static_cast<unsigned>(address.port),
                             socket ? address.host.c_str() : nullptr, 0) == nullptr) {
    return ErrorOf(*my, connection.get());
  }
  auto session = std::unique_ptr<MariadbSession>(new MariadbSession(*my, std::move(connection)));
  SP_TRY(session->Execute(kSettings));
  const auto packet = SP_TRY(session->Query("SELECT @@max_allowed_packet"));
  // Room for what is around the values.
  session->most_bytes_ =
      static_cast<std::size_t>(NumberOf(packet.at(0).at(0)).value_or(1 << 20)) * 3 / 4;
  return session;
}

base::Status MariadbSession::Execute(const std::string& statement) {
  SP_TRY(Query(statement));
  return base::Ok();
}

base::Result<std::vector<TextRow>> MariadbSession::Query(const std::string& query) {
  if (my_.mysql_real_query(connection_.get(), query.data(), query.size()) != 0) {
    return ErrorOf(my_, connection_.get());
  }
  std::vector<TextRow> rows;
  const ResultPtr result(my_.mysql_store_result(connection_.get()), FreeResult{&my_});
  if (!result) {
    if (my_.mysql_field_count(connection_.get()) != 0) {
      return ErrorOf(my_, connection_.get());
    }
    return rows;
  }
  const unsigned columns = my_.mysql_num_fields(result.get());
  while (const MYSQL_ROW row = my_.mysql_fetch_row(result.get())) {
    const unsigned long* lengths = my_.mysql_fetch_lengths(result.get());
    TextRow& values = rows.emplace_back();
    for (unsigned i = 0; i < columns; ++i) {
      auto& value = values.emplace_back();
      if (row[i] != nullptr) {
        value.emplace(row[i], lengths[i]);
      }
    }
  }
  return rows;
}

base::Result<std::vector<NativeColumn>> MariadbSession::Describe(const std::string& select) {
  const auto statement = SP_TRY(Prepare(my_, connection_.get(), select));
  const ResultPtr result(my_.mysql_stmt_result_metadata(statement.get()), FreeResult{&my_});
  if (!result) {
    return ErrorOf(my_, statement.get());
  }
  const MYSQL_FIELD* fields = my_.mysql_fetch_fields(result.get());
  const unsigned count = my_.mysql_num_fields(result.get());
  // As the table's DDL has them, with the order in which its texts compare.
  struct Declared {
    std::string type;
    std::string collation;
  };
  std::map<std::string, Declared> declared;
  if (count > 0 && fields[0].org_table != nullptr && fields[0].org_table[0] != '\0') {
    const TableName table{fields[0].db, fields[0].org_table};
    for (const TextRow& row :
         SP_TRY(Query("SELECT COLUMN_NAME, COLUMN_TYPE, CHARACTER_SET_NAME, COLLATION_NAME FROM "
                      "information_schema.COLUMNS" +
                      WhereTable(table)))) {
      std::string type = row.at(1).value_or("");
      if (row.at(2) && row.at(3)) {
        type += " CHARACTER SET " + *row.at(2) + " COLLATE " + *row.at(3);
      }
      declared[row.at(0).value_or("")] = {std::move(type), row.at(3).value_or("")};
    }
  }
  std::vector<NativeColumn> columns;
  for (unsigned i = 0; i < count; ++i) {
    NativeColumn& column = columns.emplace_back(ColumnOf(fields[i]));
    const bool same_table = fields[i].org_table != nullptr &&
                            std::string_view(fields[i].org_table) == fields[0].org_table;
    const auto found = declared.find(fields[i].org_name != nullptr ? fields[i].org_name : "");
    if (same_table && found != declared.end()) {
      column.native = found->second.type;
      column.texts = column.native == "uuid" ? TextKind::kUuid : column.texts;
      if (column.order == NativeColumn::Order::kOne && !found->second.collation.empty()) {
        // Without padding by code points, as UTF-8 sorts by its bytes; all others are this system's own.
        const bool plain = found->second.collation == "utf8mb4_nopad_bin" ||
                           found->second.collation == "utf8mb3_nopad_bin";
        column.sorting = plain ? "utf-8" : "mariadb " + found->second.collation;
      }
    }
  }
  return columns;
}

base::Result<Names> MariadbSession::PrimaryKey(const TableName& table) {
  Names names;
  for (const TextRow& row :
       SP_TRY(Query("SELECT COLUMN_NAME FROM information_schema.STATISTICS" + WhereTable(table) +
                    " AND INDEX_NAME = 'PRIMARY' ORDER BY SEQ_IN_INDEX"))) {
    names.push_back(row.at(0).value_or(""));
  }
  return names;
}

base::Result<std::vector<Names>> MariadbSession::UniqueKeys(const TableName& table) {
  std::map<std::string, Names> keys;
  std::map<std::string, bool> partial;
  for (const TextRow& row :
       SP_TRY(Query("SELECT INDEX_NAME, COLUMN_NAME, SUB_PART IS NOT NULL FROM "
                    "information_schema.STATISTICS" +
                    WhereTable(table) + " AND NON_UNIQUE = 0 ORDER BY INDEX_NAME, SEQ_IN_INDEX"))) {
    const std::string index = row.at(0).value_or("");
    keys[index].push_back(row.at(1).value_or(""));
    partial[index] = partial[index] || row.at(2) != "0";
  }
  std::vector<Names> whole;
  for (auto& [index, names] : keys) {
    if (!partial[index]) {
      whole.push_back(std::move(names));
    }
  }
  return whole;
}

base::Status MariadbSession::RequireTransactions(const TableName& table) {
  const auto rows =
      SP_TRY(Query("SELECT t.ENGINE, e.TRANSACTIONS FROM information_schema.TABLES t "
                   "JOIN information_schema.ENGINES e ON e.ENGINE = t.ENGINE WHERE "
                   "t.TABLE_SCHEMA = " +
                   SchemaOf(table) + " AND t.TABLE_NAME = " + Dialect::QuoteText(table.table)));
  if (rows.empty() || rows[0].at(1) == "YES") {
    return base::Ok();
  }
  return base::Error(base::ErrorCode::kIllegalState,
                     "the table " + table.ToString() + " is kept by the engine " +
                         rows[0].at(0).value_or("?") +
                         ", which has no transactions: rows could not be taken back")
      .WithHint("ALTER TABLE " + MariadbDialect().Quote(table) + " ENGINE = InnoDB");
}

base::Status MariadbSession::Lock(const std::string& job) {
  const auto rows =
      SP_TRY(Query("SELECT GET_LOCK(" + Dialect::QuoteText("streampark_" + job) + ", 30)"));
  if (!rows.empty() && rows[0].at(0) == "1") {
    return base::Ok();
  }
  return base::Error(base::ErrorCode::kIoError, "another session has held the lock streampark_" +
                                                    job + " for 30 s: the job runs elsewhere, too")
      .WithHint("SELECT IS_USED_LOCK('streampark_" + job + "') names its connection");
}

base::Status MariadbSession::Unlock(const std::string& job) {
  return Execute("DO RELEASE_LOCK(" + Dialect::QuoteText("streampark_" + job) + ")");
}

base::Result<std::optional<std::int64_t>> MariadbSession::EstimateRows(const TableName& table) {
  const auto rows =
      SP_TRY(Query("SELECT TABLE_ROWS FROM information_schema.TABLES" + WhereTable(table)));
  return rows.empty() ? std::nullopt : NumberOf(rows[0].at(0));
}

base::Result<std::vector<TableName>> MariadbSession::Tables() {
  std::vector<TableName> tables;
  for (TextRow& row : SP_TRY(Query(
           "SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.TABLES WHERE TABLE_TYPE = "
           "'BASE "
           "TABLE' AND TABLE_SCHEMA NOT IN ('information_schema', 'mysql', 'performance_schema', "
           "'sys')"))) {
    tables.push_back({row.at(0).value_or(""), row.at(1).value_or("")});
  }
  return tables;
}

base::Result<std::string> MariadbSession::OwnSchema() {
  const auto rows = SP_TRY(Query("SELECT DATABASE()"));
  return rows.empty() ? std::string() : rows[0].at(0).value_or("");
}

base::Result<Names> MariadbSession::TablesLike(const std::string& schema,
                                               const std::string& prefix) {
  Names names;
  for (const TextRow& row : SP_TRY(
           Query("SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = " +
                 SchemaOf({schema, ""}) + " AND TABLE_TYPE = 'BASE TABLE' AND LEFT(TABLE_NAME, " +
                 std::to_string(prefix.size()) + ") = " + Dialect::QuoteText(prefix)))) {
    names.push_back(row.at(0).value_or(""));
  }
  return names;
}

base::Status MariadbSession::BeginReading(const std::string& /*snapshot*/) {
  return Execute("START TRANSACTION READ ONLY");
}

base::Status MariadbSession::EndReading() { return Execute("COMMIT"); }

base::Result<std::unique_ptr<sql::RowStream>> MariadbSession::Stream(const std::string& select,
                                                                     const SchemaPtr& schema) {
  return OpenStatementStream(my_, connection_.get(), select, schema);
}

base::Result<std::unique_ptr<sql::Loader>> MariadbSession::Load(const sql::LoadTarget& target,
                                                                const SchemaPtr& schema) {
  return MakeBulkLoader(my_, connection_.get(), target, schema, most_bytes_);
}

}  // namespace streampark::connectors::mariadb
