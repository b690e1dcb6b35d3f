// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "streampark/connectors/batch_builder.h"
#include "streampark/connectors/postgres.h"
#include "streampark/connectors/testing/sink_contract.h"

#include "testing/postgres_server.h"

namespace streampark::connectors::postgres {
namespace {

using connectors::testing::Given;
using connectors::testing::NumberedRows;
using connectors::testing::SchemaOf;
using connectors::testing::SinkOf;
using connectors::testing::Strings;
using ::testing::ElementsAre;
using testing::Execute;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::PostgresServer;
using testing::RowsAt;

constexpr const char* kStages =
    "SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE relname LIKE "
    "'streampark_stage%' AND relpersistence = 'p' AND nspname IN (current_schema(), "
    "current_schema() || '_aside')";

class TargetUnderTest final : public connectors::testing::SinkUnderTest {
 public:
  explicit TargetUnderTest(Given more)
      : url_(PostgresServer::Get().NewSchema()), more_(std::move(more)) {
    Execute(url_,
            "CREATE TABLE \"Orders\" (made timestamp DEFAULT now(), n bigint "
            "PRIMARY KEY, name varchar(40), price float8)");
  }
  const Connector& connector() const override { return *connector_; }
  SchemaPtr schema() const override {
    return SchemaOf("n BIGINT NOT NULL, name STRING, price DOUBLE");
  }
  Given options() const override {
    Given given = more_;
    given.insert({{"url", url_}, {"table", "Orders"}});
    if (const auto staging = given.find("staging.schema"); staging != given.end()) {
      staging->second = PostgresServer::SchemaOf(url_) + staging->second;
    }
    return given;
  }
  Strings Visible() override {
    return RowsAt(url_,
                  "SELECT '+I(' || n || ', ' || coalesce('''' || name || '''', 'NULL') || ', ' || "
                  "coalesce(price::numeric(20,1)::text, 'NULL') || ')' FROM \"Orders\"");
  }
  Strings Staged() override { return RowsAt(url_, kStages); }

 private:
  const std::string url_;
  const Given more_;
  const std::unique_ptr<Connector> connector_ = MakePostgresConnector();
};

}  // namespace
}  // namespace streampark::connectors::postgres

namespace pg = streampark::connectors::postgres;
namespace {
auto Target(pg::Given more) {
  return [=] { return std::make_unique<pg::TargetUnderTest>(more); };
}
}  // namespace
SP_EXACTLY_ONCE_CONTRACT(Append, Target({}));
SP_EXACTLY_ONCE_CONTRACT(Upsert,
                         Target({{"mode", "upsert"}, {"key", "n"}, {"staging.schema", "_aside"}}));
SP_SINK_CONTRACT(AtLeastOnceAppend, Target({{"delivery", "at-least-once"}}));
SP_SINK_CONTRACT(AtLeastOnceUpsert,
                 Target({{"semantic", "AT_LEAST_ONCE"}, {"mode", "upsert"}, {"key", "n"}}));
