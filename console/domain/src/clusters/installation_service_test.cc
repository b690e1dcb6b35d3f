// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <memory>

#include <gtest/gtest.h>

#include "clusters/testing/world.h"

namespace streampark::console {
namespace {

using testing::ConsoleLife;
using testing::Disk;
using testing::FakeTenants;
using testing::Machine;

class InstallationServiceTest : public ::testing::Test {
 protected:
  InstallationServiceTest() {
    std::filesystem::remove_all(folder);
    console = std::make_unique<ConsoleLife>(disk, machine, tenants, folder);
    console->Start();
  }
  InstallationService& service() { return *console->installations; }
  InstallationPtr Fetched(const std::string& version) {
    const InstallationPtr begun = *service().Fetch(version, testing::kTester, "");
    EXPECT_NE(begun->operation, nullptr);
    console->Await(begun->operation->id);
    EXPECT_TRUE(testing::Eventually([&] { return !service().Find(begun->id)->operation->open(); }));
    return service().Find(begun->id);
  }

  const std::filesystem::path folder =
      std::filesystem::path(::testing::TempDir()) / "installations-test";
  std::shared_ptr<Disk> disk = std::make_shared<Disk>();
  Machine machine;
  FakeTenants tenants;
  std::unique_ptr<ConsoleLife> console;
};

TEST_F(InstallationServiceTest, FetchesOnceAndShowsItsSteps) {
  const InstallationPtr installation = Fetched("1.20.5");
  EXPECT_EQ(installation->state, InstallationState::kReady);
  EXPECT_EQ(installation->home, (folder / "installations" / "flink-1.20.5").string());
  EXPECT_EQ(installation->digest, "d1");
  for (const Step& step : installation->operation->steps) {
    EXPECT_EQ(step.state, StepState::kSucceeded) << step.name;
  }
  EXPECT_EQ((*service().Fetch("1.20.5", testing::kTester, ""))->id, installation->id);
  EXPECT_EQ(console->drivers.fetches, 1);
  EXPECT_EQ(service().FindByLine("1.20")->id, installation->id);
  EXPECT_EQ(service().FindByLine("2.3"), nullptr);
}

TEST_F(InstallationServiceTest, RefusesWhatIsNoVersion) {
  for (const char* bad : {"", "latest", "../1.20", "1.20/../..", "1..2"}) {
    EXPECT_EQ(service().Fetch(bad, testing::kTester, "").error().code(),
              base::ErrorCode::kValidationFailed)
        << bad;
  }
}

TEST_F(InstallationServiceTest, ContinuesAFetchThatTheConsoleDiedIn) {
  Installation half;
  half.id = console->ids.Next();
  half.version = "1.20.5";
  half.line = "1.20";
  half.home = folder / "installations" / "flink-1.20.5";
  half.fetched = true;
  Operation open;
  open.id = console->ids.Next();
  open.subject = {.kind = SubjectKind::kInstallation, .id = half.id, .name = "", .team_id = ""};
  open.kind = OperationKind::kFetch;
  open.state = OperationState::kRunning;
  for (const char* step : {"DOWNLOAD", "UNPACK", "VERIFY", "INSPECT"}) {
    open.steps.push_back({.name = step});
  }
  open.steps[0].state = StepState::kRunning;
  console.reset();
  disk->installations[half.id] = half;
  disk->operations[open.id] = open;

  console = std::make_unique<ConsoleLife>(disk, machine, tenants, folder);
  console->Start();
  EXPECT_EQ(console->Await(open.id).state, OperationState::kSucceeded);
  EXPECT_TRUE(testing::Eventually(
      [&] { return service().Find(half.id)->state == InstallationState::kReady; }));
}

TEST_F(InstallationServiceTest, AFetchThatNeverBeganIsVisiblyFailed) {
  Installation half;
  half.id = console->ids.Next();
  half.version = "1.20.5";
  half.fetched = true;
  console.reset();
  disk->installations[half.id] = half;
  console = std::make_unique<ConsoleLife>(disk, machine, tenants, folder);
  console->Start();
  EXPECT_EQ(service().Find(half.id)->state, InstallationState::kFailed);
}

TEST_F(InstallationServiceTest, VerifyTellsChangedAndMissingFiles) {
  const InstallationPtr installation = Fetched("1.20.5");
  const auto verify = [&] {
    const Operation begun =
        *service().Command(installation->id, OperationKind::kVerify, testing::kTester, "");
    console->Await(begun.id);
    EXPECT_TRUE(
        testing::Eventually([&] { return !service().Find(installation->id)->operation->open(); }));
    return service().Find(installation->id);
  };
  EXPECT_EQ(verify()->state, InstallationState::kReady);
  console->drivers.digest = "d2";
  const InstallationPtr broken = verify();
  EXPECT_EQ(broken->state, InstallationState::kBroken);
  EXPECT_FALSE(broken->message.empty());
  console->drivers.digest = "d1";
  EXPECT_EQ(verify()->state, InstallationState::kReady);
  std::filesystem::remove_all(installation->home);
  EXPECT_EQ(verify()->state, InstallationState::kBroken);
}

TEST_F(InstallationServiceTest, RegistersAFolderAsItIs) {
  const InstallationPtr installation = *service().Register("/usr", {});
  EXPECT_EQ(installation->state, InstallationState::kReady);
  EXPECT_FALSE(installation->fetched);
  EXPECT_EQ((*service().Register("/usr/../usr", {}))->id, installation->id);
  EXPECT_EQ(service().Register("/no/such", {}).error().code(),
            base::ErrorCode::kInstallationInvalid);
  EXPECT_EQ(service().Register("usr", {}).error().code(), base::ErrorCode::kInstallationInvalid);
}

TEST_F(InstallationServiceTest, IsRemovedWithItsFilesUnlessInUse) {
  const InstallationPtr installation = Fetched("1.20.5");
  ClusterSpec spec;
  spec.name = "a";
  spec.installation_id = installation->id;
  const ClusterPtr cluster = *console->clusters->Create(spec, {});
  EXPECT_EQ(service().Remove(installation->id).error().code(), base::ErrorCode::kInUse);
  ASSERT_TRUE(console->clusters->Delete(cluster->id).ok());
  EXPECT_TRUE(service().Remove(installation->id).ok());
  EXPECT_FALSE(std::filesystem::exists(installation->home));
  EXPECT_EQ(service().Find(installation->id), nullptr);
}

TEST_F(InstallationServiceTest, FilesThatItDoesNotOwnStay) {
  const auto home = folder / "own";
  std::filesystem::create_directories(home);
  const InstallationPtr installation = *service().Register(home, {});
  EXPECT_TRUE(service().Remove(installation->id).ok());
  EXPECT_TRUE(std::filesystem::exists(home));
}

TEST_F(InstallationServiceTest, ListsOfferedVersionsNewestFirst) {
  const InstallationPtr here = Fetched("1.20.5");
  const auto offered = *service().ListAvailable({});
  ASSERT_EQ(offered.size(), 5U);
  EXPECT_EQ(offered[0].version, "2.3.0");
  EXPECT_TRUE(offered[0].recommended);
  EXPECT_EQ(offered[2].version, "1.20.10");
  EXPECT_TRUE(offered[2].recommended);
  EXPECT_FALSE(offered[3].recommended);
  EXPECT_EQ(offered[3].installation_id, here->id);
}

}  // namespace
}  // namespace streampark::console
