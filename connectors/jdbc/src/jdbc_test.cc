// SPDX-License-Identifier: Apache-2.0
#include "streampark/connectors/jdbc.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "streampark/connectors/sql/sql_connector.h"

namespace streampark::connectors {
namespace {

using ::testing::HasSubstr;

/// Says which address it was asked to open.
std::unique_ptr<Connector> Speaking(sql::DatabaseKind kind) {
  return sql::MakeSqlConnector(
      {.name = "database", .text = "A database.", .kind = kind, .open = [](sql::Address address) {
         return base::Result<sql::DatabasePtr>(base::Error(
             base::ErrorCode::kIllegalState, address.ToString() + " as " + address.password));
       }});
}

std::string Opened(const std::map<std::string, std::string>& given) {
  std::map<sql::DatabaseKind, std::unique_ptr<Connector>> databases;
  databases[sql::DatabaseKind::kPostgres] = Speaking(sql::DatabaseKind::kPostgres);
  databases[sql::DatabaseKind::kMariadb] = Speaking(sql::DatabaseKind::kMariadb);
  const auto jdbc = MakeJdbcConnector(std::move(databases));
  auto options = jdbc->options().Read(given, OptionUse::kSink);
  if (!options.ok()) {
    return options.error().ToString();
  }
  return jdbc
      ->MakeSink(
          {.options = std::move(options).value(),
           .schema = std::make_shared<const Schema>(std::vector<Field>{{"n", TypeKind::kInt64}})})
      .error()
      .ToString();
}

TEST(Jdbc, TheAddressChoosesTheDatabase) {
  EXPECT_THAT(Opened({{"jdbcUrl", "jdbc:postgresql://db/ods"},
                      {"table", "t"},
                      {"username", "ann"},
                      {"password", "x"},
                      {"semantic", "EXACTLY_ONCE"},
                      {"driverClassName", "org.postgresql.Driver"},
                      {"batch.size", "100"}}),
              HasSubstr("postgres://ann@db/ods as x"));
  EXPECT_THAT(Opened({{"jdbcUrl", "jdbc:mysql://db/ods"}, {"table", "t"}}),
              HasSubstr("mariadb://db/ods"));
  EXPECT_THAT(Opened({{"url", "jdbc:sqlite:/x"}, {"table", "t"}}), HasSubstr("NOT_FOUND"));
  EXPECT_THAT(Opened({{"url", "jdbc:mysql://db/ods"}, {"tabel", "t"}}), HasSubstr("tabel"));
}

}  // namespace
}  // namespace streampark::connectors
