// SPDX-License-Identifier: Apache-2.0
#include "streampark/connectors/connector.h"

#include <gtest/gtest.h>

namespace streampark::connectors {
namespace {

class Named final : public Connector {
 public:
  explicit Named(std::string name) : name_(std::move(name)) {}
  std::string_view name() const override { return name_; }
  std::string_view text() const override { return "a name"; }
  Capabilities capabilities() const override { return {}; }
  const OptionTable& options() const override {
    static const OptionTable kTable({});
    return kTable;
  }
  base::Result<std::unique_ptr<Source>> MakeSource(Setup) const override {
    return base::Error(base::ErrorCode::kIllegalState, "no source");
  }
  base::Result<std::unique_ptr<Sink>> MakeSink(Setup) const override {
    return base::Error(base::ErrorCode::kIllegalState, "no sink");
  }

 private:
  std::string name_;
};

TEST(ConnectorRegistry, FindsByNameAndSuggests) {
  ConnectorRegistry registry;
  EXPECT_EQ(registry.Find("kafka").error().hint(), "this program has none");
  registry.Add(std::make_unique<Named>("kafka"));
  registry.Add(std::make_unique<Named>("file"));
  EXPECT_EQ(registry.Find("file").value()->name(), "file");
  EXPECT_EQ(registry.Find("kafak").error().hint(), "did you mean 'kafka'? there are: file, kafka");
  EXPECT_EQ(registry.all().size(), 2U);
}

TEST(ConnectorRegistryDeathTest, NoNameTwice) {
  ConnectorRegistry registry;
  registry.Add(std::make_unique<Named>("a"));
  EXPECT_DEATH(registry.Add(std::make_unique<Named>("a")), "added");
}

}  // namespace
}  // namespace streampark::connectors
