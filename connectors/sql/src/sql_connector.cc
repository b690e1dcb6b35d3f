// SPDX-License-Identifier: Apache-2.0
#include "streampark/connectors/sql/sql_connector.h"

#include <algorithm>
#include <string_view>

#include "streampark/connectors/option_errors.h"

#include "source_plan.h"
#include "sql_catalog.h"
#include "sql_sink.h"
#include "sql_source.h"

namespace streampark::connectors::sql {
namespace {

struct SinkMode {
  std::string_view name;
  WriteMode mode;
  SinkPlan::Before before;
};
constexpr SinkMode kModes[] = {
    {"append", WriteMode::kAppend, SinkPlan::Before::kKept},
    {"upsert", WriteMode::kUpsert, SinkPlan::Before::kKept},
    {"ignore", WriteMode::kIgnore, SinkPlan::Before::kKept},
    {"overwrite", WriteMode::kAppend, SinkPlan::Before::kEmptied},
};

class SqlConnector final : public Connector {
 public:
  explicit SqlConnector(SqlConnectorParts parts)
      : parts_(std::move(parts)), table_(OptionsOf(parts_)) {}

  std::string_view name() const override { return parts_.name; }
  std::string_view text() const override { return parts_.text; }
  Capabilities capabilities() const override {
    return {.source = true,
            .sink = true,
            .replay = true,
            .changes = parts_.changes != nullptr,
            .discovers = true,
            .upsert = true,
            .exactly_once = true,
            .catalog = true,
            .keeps_splits = true};
  }
  const OptionTable& options() const override { return table_; }

  base::Result<std::unique_ptr<Source>> MakeSource(Setup setup) const override {
    const std::string mode = setup.options.Has("mode") ? setup.options.String("mode") : "rows";
    Address address = SP_TRY(AddressOf(setup.options));
    if (mode == "changes" && parts_.changes) {
      return parts_.changes(std::move(address), setup);
    }
    if (mode != "rows") {
      return WrongOption("mode", "is '" + mode + "', and a source of '" + parts_.name + "' is not",
                         parts_.changes ? "'rows' or 'changes'" : "leave it out");
    }
    for (const OptionSpec& spec : parts_.change_options) {
      if (setup.options.given().contains(spec.name)) {
        return WrongOption(spec.name, "is of 'mode: changes'", "leave it out, or say that mode");
      }
    }
    return MakeSqlSource(SP_TRY(PlanSource(SP_TRY(parts_.open(std::move(address))), setup)));
  }

  base::Result<std::unique_ptr<Sink>> MakeSink(Setup setup) const override {
    const OptionValues& options = setup.options;
    const std::string mode = options.Has("mode") ? options.String("mode") : "append";
    const auto known = std::ranges::find(kModes, mode, &SinkMode::name);
    if (known == std::end(kModes)) {
      return WrongOption("mode", "is '" + mode + "', which is a source's",
                         "a sink's is 'append', 'upsert', 'ignore' or 'overwrite'");
    }
    const bool copied = AsksForCopies(options);
    if (!setup.schema && !copied) {
      return base::Error(base::ErrorCode::kValidationFailed, "a table has to be told its columns");
    }
    if (!options.Has("table")) {
      return WrongOption("table", "is missing", "name the table to write");
    }
    SinkPlan plan;
    plan.database = SP_TRY(parts_.open(SP_TRY(AddressOf(options))));
    plan.target = SP_TRY(TableName::Parse(options.String("table")));
    plan.staging_schema =
        options.Has("staging.schema") ? options.String("staging.schema") : plan.target.schema;
    plan.schema = copied ? CopiedRows() : setup.schema;
    plan.copied_columns = options.List("columns");
    if (copied && (WritesByKey(known->mode) || plan.copied_columns.empty())) {
      return WrongOption("encoding", "is 'copy', which appends to 'columns' that are named");
    }
    plan.mode = known->mode;
    plan.before = known->before;
    plan.key = options.List("key").empty() ? plan.schema->key() : options.List("key");
    plan.creation = options.Boolean("create") ? Creation::kWhenMissing : Creation::kNever;
    plan.delivery = DeliveryOf(options.String("delivery"), plan.mode);
    if (WritesByKey(plan.mode) && plan.key.empty()) {
      return WrongOption("key", "is missing, and 'mode: " + mode + "' writes by it",
                         "name the columns of the primary key");
    }
    for (const std::string& name : plan.key) {
      if (plan.schema->Find(name) < 0) {
        return WrongOption("key", "names '" + name + "', which is no column of these rows");
      }
    }
    return MakeSqlSink(std::move(plan));
  }

  base::Result<std::unique_ptr<Catalog>> MakeCatalog(const Setup& setup) const override {
    return MakeSqlCatalog(parts_.name, SP_TRY(parts_.open(SP_TRY(AddressOf(setup.options)))));
  }

 private:
  static OptionTable OptionsOf(const SqlConnectorParts& parts) {
    auto specs = parts.change_options;
    if (parts.copies) {
      specs.push_back(EncodingOption());
    }
    return OptionTable(SqlOptions()).With(specs);
  }

  base::Result<Address> AddressOf(const OptionValues& options) const {
    auto address = SP_TRY(ParseAddress(options.String("url")));
    if (address.kind != parts_.kind) {
      return WrongOption("url", "is of another kind of database: " + address.ToString(),
                         "the connector 'jdbc' chooses by the address");
    }
    if (options.Has("username")) {
      address.user = options.String("username");
    }
    if (options.Has("password")) {
      address.password = options.String("password");
    }
    return address;
  }

  static Delivery DeliveryOf(const std::string& option, WriteMode mode) {
    if (option == "exactly-once" || option == "EXACTLY_ONCE") {
      return Delivery::kExactlyOnce;
    }
    return WritesByKey(mode) ? Delivery::kUpsert : Delivery::kAtLeastOnce;
  }

  const SqlConnectorParts parts_;
  const OptionTable table_;
};

}  // namespace

std::unique_ptr<Connector> MakeSqlConnector(SqlConnectorParts parts) {
  return std::make_unique<SqlConnector>(std::move(parts));
}

}  // namespace streampark::connectors::sql
