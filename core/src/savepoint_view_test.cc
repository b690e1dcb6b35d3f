// SPDX-License-Identifier: Apache-2.0
#include "streampark/core/savepoint_view.h"

#include <fstream>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "streampark/base/temporary_folder.h"
#include "streampark/core/keyed_states.h"
#include "streampark/core/record.h"
#include "streampark/objects/local_folder.h"

#include "runtime/folder_checkpoint_store.h"

namespace streampark::core {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Seen {
  std::int64_t orders = 0;
  double mean = 0;
  std::optional<std::string> last;
  std::vector<bool> flags;
  std::map<std::string, std::int32_t> countries;
  std::map<std::int8_t, float> rates;
};
SP_RECORD(Seen, orders, mean, last, flags, countries, rates);

/// A savepoint of an operator `seen` in two subtasks, and of a source.
class SavepointViewTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto store = FolderCheckpointStore::Open(objects::MakeLocalFolder(folder_.path()), 1).value();
    CheckpointRecord record{.id = 7,
                            .job = "orders",
                            .lineage = "L1",
                            .key_groups = 4,
                            .at = base::Timestamp(base::Millis(1'234)),
                            .savepoint = true};
    record.nodes["orders"] = {.parallelism = 2, .unassigned = {{"a", {}}, {"b", {}}}};
    auto& seen = record.nodes["seen"];
    seen = {.parallelism = 2, .committables = {{.subtask = 1}}};
    for (int subtask = 0; subtask < 2; ++subtask) {
      OperatorSnapshot snapshot;
      KeyedSections<std::string, Seen> sections;
      const std::string key = subtask == 0 ? "ann" : std::string("\xff");
      sections.Add(key,
                   {.orders = subtask + 1,
                    .mean = subtask == 0 ? 2.5 : std::numeric_limits<double>::infinity(),
                    .last = subtask == 0 ? std::optional<std::string>("o-1") : std::nullopt,
                    .flags = {true, false},
                    .countries = {{"de", 3}},
                    .rates = {{-1, 0.5F}}},
                   static_cast<std::uint64_t>(subtask), 4);
      sections.WriteTo(snapshot, "customers");
      snapshot.AddElement("writer", Redistribution::kUnion, "12345");
      seen.files.push_back(store->WriteState(7, "seen", subtask, snapshot).value());
    }
    ASSERT_TRUE(store->Complete(record).ok());
  }
  std::filesystem::path savepoint() const { return folder_.path() / "chk-7"; }
  std::vector<std::string> EntriesOf(std::size_t most) {
    std::vector<std::string> entries;
    EXPECT_TRUE(VisitEntries(savepoint(), "seen", "customers", [&](const std::string& entry) {
                  entries.push_back(entry);
                  return entries.size() < most;
                }).ok());
    return entries;
  }

  const base::TemporaryFolder folder_ = base::TemporaryFolder::Create().value();
};

TEST_F(SavepointViewTest, ShowsWhatIsThere) {
  const auto view = LookInto(savepoint().string() + "/").value();
  EXPECT_EQ(view.job, "orders");
  EXPECT_EQ(view.id, 7U);
  EXPECT_TRUE(view.savepoint);
  ASSERT_EQ(view.operators.size(), 2U);
  EXPECT_EQ(view.operators[0].splits_waiting, 2);
  const auto& seen = view.operators[1];
  EXPECT_EQ(seen.prepared, 1);
  ASSERT_EQ(seen.keyed.size(), 1U);
  EXPECT_EQ(seen.keyed[0].key, "text");
  EXPECT_THAT(seen.keyed[0].value, HasSubstr("orders: int64, mean: double, last: text?"));
  EXPECT_EQ(seen.keyed[0].entries, 2);
  ASSERT_EQ(seen.lists.size(), 1U);
  EXPECT_EQ(seen.lists[0].elements, 2);
  EXPECT_EQ(seen.lists[0].bytes, 10);
}

TEST_F(SavepointViewTest, EntriesAreJson) {
  EXPECT_THAT(
      EntriesOf(9),
      ElementsAre(
          R"({"key":"ann","value":{"orders":1,"mean":2.5E0,"last":"o-1","flags":[true,false],"countries":{"de":3},"rates":[[-1,5E-1]]}})",
          R"({"key":{"base64":"/w=="},"value":{"orders":2,"mean":"Infinity","last":null,"flags":[true,false],"countries":{"de":3},"rates":[[-1,5E-1]]}})"));
  EXPECT_EQ(EntriesOf(1).size(), 1U);
}

TEST_F(SavepointViewTest, StateInFilesOfABackendIsShownAndNotVisited) {
  {
    auto store = FolderCheckpointStore::Open(objects::MakeLocalFolder(folder_.path()), 1).value();
    CheckpointRecord record{.id = 8, .job = "orders", .key_groups = 4};
    record.nodes["seen"].parallelism = 1;
    BackendRecord backend;
    backend.states = {{.id = 1,
                       .owner = "seen",
                       .name = "customers",
                       .description = KeyedSections<std::string, Seen>::Description(),
                       .layout = StateLayout::kByKey}};
    backend.base = {{.name = "000009.sst", .kept = "a-000009.sst", .bytes = 77}};
    std::ofstream(folder_.path() / "file").put('x');
    ASSERT_TRUE(store->KeepFile(folder_.path() / "file", "a-000009.sst").ok());
    record.backends = {store->WriteBackend(8, "seen", 0, backend).value()};
    ASSERT_TRUE(store->Complete(record).ok());
  }
  const auto view = LookInto(folder_.path() / "chk-8").value();
  EXPECT_EQ(view.backend_bytes, 77);
  ASSERT_EQ(view.operators.at(0).keyed.size(), 1U);
  EXPECT_TRUE(view.operators[0].keyed[0].on_disk);
  EXPECT_EQ(view.operators[0].keyed[0].key, "text");
  const auto refused = VisitEntries(folder_.path() / "chk-8", "seen", "customers",
                                    [](const std::string&) { return true; });
  EXPECT_THAT(refused.error().message(), HasSubstr("is in RocksDB's files"));
  EXPECT_THAT(refused.error().hint(), HasSubstr("take a savepoint"));
}

TEST_F(SavepointViewTest, WhatIsNotThereIsNamed) {
  const auto never = [](const std::string&) { return false; };
  EXPECT_EQ(VisitEntries(savepoint(), "sen", "customers", never).error().hint(),
            "did you mean 'seen'? there are: orders, seen");
  EXPECT_THAT(VisitEntries(savepoint(), "seen", "customer", never).error().hint(),
              HasSubstr("did you mean 'customers'?"));
  EXPECT_EQ(LookInto(folder_.path() / "chk-8").error().code(), base::ErrorCode::kSnapshotInvalid);
}

}  // namespace
}  // namespace streampark::core
