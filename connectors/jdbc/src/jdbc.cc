// SPDX-License-Identifier: Apache-2.0
#include "streampark/connectors/jdbc.h"

#include "streampark/connectors/sql/sql_connector.h"

namespace streampark::connectors {
namespace {

/// The original's, which a database's own connector does not have.
std::vector<OptionSpec> OfTheOriginal() {
  return {{.name = "driverClassName",
           .text = "The original's; not needed: the address says which database it is."},
          {.name = "batch.size",
           .kind = OptionKind::kInteger,
           .text = "The original's; not needed: rows are written in the batches that they come in.",
           .least = 1}};
}

class JdbcConnector final : public Connector {
 public:
  explicit JdbcConnector(std::map<sql::DatabaseKind, std::unique_ptr<Connector>> databases)
      : databases_(std::move(databases)) {}

  std::string_view name() const override { return "jdbc"; }
  std::string_view text() const override {
    return "A database by its address, with the original's options.";
  }
  Capabilities capabilities() const override {
    return {.source = true,
            .sink = true,
            .replay = true,
            .discovers = true,
            .upsert = true,
            .exactly_once = true};
  }
  const OptionTable& options() const override { return table_; }

  base::Result<std::unique_ptr<Source>> MakeSource(Setup setup) const override {
    const Connector* database = SP_TRY(Choose(setup, OptionUse::kSource));
    return database->MakeSource(std::move(setup));
  }
  base::Result<std::unique_ptr<Sink>> MakeSink(Setup setup) const override {
    const Connector* database = SP_TRY(Choose(setup, OptionUse::kSink));
    return database->MakeSink(std::move(setup));
  }

 private:
  /// The database's connector, with `setup` as it reads it.
  base::Result<const Connector*> Choose(Setup& setup, OptionUse use) const {
    const auto address = SP_TRY(sql::ParseAddress(setup.options.String("url")));
    const auto found = databases_.find(address.kind);
    if (found == databases_.end()) {
      return base::Error(base::ErrorCode::kNotFound,
                         "this program has no connector for " + address.ToString());
    }
    auto given = setup.options.given();
    for (const OptionSpec& spec : OfTheOriginal()) {
      given.erase(spec.name);
    }
    setup.options = SP_TRY(found->second->options().Read(given, use));
    return found->second.get();
  }

  const std::map<sql::DatabaseKind, std::unique_ptr<Connector>> databases_;
  const OptionTable table_ = OptionTable(sql::SqlOptions()).With(OfTheOriginal());
};

}  // namespace

std::unique_ptr<Connector> MakeJdbcConnector(
    std::map<sql::DatabaseKind, std::unique_ptr<Connector>> databases) {
  return std::make_unique<JdbcConnector>(std::move(databases));
}

}  // namespace streampark::connectors
