// SPDX-License-Identifier: Apache-2.0
#include "streampark/console/clusters/cluster_spec.h"

#include <gtest/gtest.h>

#include "streampark/base/json.h"
#include "streampark/console/clusters/cluster_spec_json.h"
#include "streampark/console/clusters/installation.h"

#include "clusters/address.h"
#include "clusters/process_table.h"
#include "clusters/version_order.h"

namespace streampark::console {
namespace {

ClusterSpec Standalone() {
  ClusterSpec spec;
  spec.name = "local";
  spec.installation_id = "i";
  return spec;
}

ClusterSpec Remote(std::vector<std::string> addresses) {
  ClusterSpec spec;
  spec.name = "far";
  spec.kind = ClusterKind::kRemote;
  spec.addresses = std::move(addresses);
  return spec;
}

std::string FaultIn(ClusterSpec spec) {
  const auto checked = CheckedClusterSpec(std::move(spec));
  return checked.ok() ? "" : checked.error().fields().at(0).pointer;
}

TEST(ClusterSpecTest, AMachineIsTheNativeEnginesAlone) {
  const auto with = [](auto change) {
    ClusterSpec spec;
    spec.name = "this machine";
    spec.engine = "NATIVE";
    spec.kind = ClusterKind::kMachine;
    change(spec);
    return FaultIn(std::move(spec));
  };
  EXPECT_EQ(with([](ClusterSpec&) {}), "");
  EXPECT_EQ(with([](ClusterSpec& s) { s.checkpoint_directory = "/var/checkpoints"; }), "");
  EXPECT_EQ(with([](ClusterSpec& s) { s.checkpoint_directory = "s3://bucket/x"; }),
            "/checkpointDirectory");
  EXPECT_EQ(with([](ClusterSpec& s) { s.savepoint_directory = "file://host/x"; }),
            "/savepointDirectory");
  EXPECT_EQ(with([](ClusterSpec& s) { s.engine = "FLINK"; }), "/kind");
  EXPECT_EQ(with([](ClusterSpec& s) { s.kind = ClusterKind::kRemote; }), "/kind");
  EXPECT_EQ(with([](ClusterSpec& s) { s.installation_id = "i"; }), "/installationId");
  EXPECT_EQ(with([](ClusterSpec& s) { s.addresses = {"http://h:1"}; }), "/addresses");
  EXPECT_EQ(with([](ClusterSpec& s) { s.options = {{"a", "b"}}; }), "/options");
}

TEST(ClusterSpecTest, NamesThePlaceOfEachFault) {
  EXPECT_EQ(FaultIn(Standalone()), "");
  const auto with = [](auto change) {
    ClusterSpec spec = Standalone();
    change(spec);
    return FaultIn(std::move(spec));
  };
  EXPECT_EQ(with([](ClusterSpec& s) { s.name = "../x"; }), "/name");
  EXPECT_EQ(with([](ClusterSpec& s) { s.name = "集群 1"; }), "");
  EXPECT_EQ(with([](ClusterSpec& s) { s.engine = "SPARK"; }), "/engine");
  EXPECT_EQ(with([](ClusterSpec& s) { s.installation_id = ""; }), "/installationId");
  EXPECT_EQ(with([](ClusterSpec& s) { s.addresses = {"http://h:1"}; }), "/addresses");
  EXPECT_EQ(with([](ClusterSpec& s) { s.job_manager_memory = "much"; }), "/jobManagerMemory");
  EXPECT_EQ(with([](ClusterSpec& s) { s.task_manager_memory = "1 gb"; }), "");
  EXPECT_EQ(with([](ClusterSpec& s) { s.task_managers = 0; }), "/taskManagers");
  EXPECT_EQ(with([](ClusterSpec& s) { s.slots_per_task_manager = 257; }), "/slotsPerTaskManager");
  EXPECT_EQ(with([](ClusterSpec& s) { s.restart.within = base::Millis(10); }), "/restart/within");
  EXPECT_EQ(with([](ClusterSpec& s) { s.options["a/b"] = "x\ny"; }), "/options/a~1b");
  EXPECT_EQ(with([](ClusterSpec& s) { s.checkpoint_directory = "relative"; }),
            "/checkpointDirectory");
}

TEST(ClusterSpecTest, SpellsAPathAsAUri) {
  ClusterSpec spec = Standalone();
  spec.savepoint_directory = "/data/sp";
  EXPECT_EQ(CheckedClusterSpec(spec)->savepoint_directory, "file:///data/sp");
}

TEST(ClusterSpecTest, AddressesHaveOneSpelling) {
  const auto checked =
      CheckedClusterSpec(Remote({" HTTP://Host:8081/", "http://host:8081", "https://h"}));
  EXPECT_EQ(checked->addresses, (std::vector<std::string>{"http://host:8081", "https://h:443"}));
  EXPECT_EQ(*NormalAddress("http://[::1]:8081"), "http://[::1]:8081");
}

TEST(ClusterSpecTest, RefusesAddressesThatAreNone) {
  EXPECT_EQ(FaultIn(Remote({})), "/addresses");
  for (const char* bad :
       {"ftp://h:1", "file:///etc/passwd", "h:8081", "http://u:p@h:1", "http://", "http://h:0",
        "http://h:99999", "http://h:1/x", "http://h:1?q", "http://h h:1", "http://-h:1",
        "http://169.254.169.254", "http://0xA9FEA9FE:80", "http://2852039166", "http://[fe80::1]:1",
        "http://[::ffff:169.254.169.254]:1"}) {
    EXPECT_EQ(FaultIn(Remote({"http://ok:1", bad})), "/addresses/1") << bad;
  }
  EXPECT_EQ(NormalAddress("http://u:secret@h").error().message().find("secret"), std::string::npos);
}

TEST(ClusterSpecTest, ReadsWhatItWrites) {
  ClusterSpec spec = Standalone();
  spec.team_id = "t";
  spec.options = {{"a.b", "c"}};
  spec.restart = {.attempts = 3, .within = base::Millis(90'000)};
  EXPECT_EQ(*ClusterSpecFromJson(ToJson(spec)), spec);
}

TEST(ClusterSpecTest, UnknownAndWrongMembersAreNamed) {
  const auto read = [](const char* text) {
    return ClusterSpecFromJson(json::Parse(text)->as_object());
  };
  const auto unknown = read(R"({"name":"a","engine":"FLINK","kind":"REMOTE","adresses":[]})");
  EXPECT_EQ(unknown.error().code(), base::ErrorCode::kUnknownField);
  EXPECT_EQ(unknown.error().fields().at(0).pointer, "/adresses");
  EXPECT_NE(unknown.error().fields().at(0).hint.find("addresses"), std::string::npos);
  EXPECT_EQ(read(R"({"kind":"REMOTE","taskManagers":"2"})").error().fields().at(0).pointer,
            "/taskManagers");
  EXPECT_EQ(read(R"({"kind":"YARN"})").error().fields().at(0).pointer, "/kind");
  EXPECT_EQ(read(R"({"kind":"REMOTE","restart":{"within":"soon"}})").error().fields().at(0).pointer,
            "/restart/within");
}

TEST(VersionTest, LinesAndOrder) {
  EXPECT_EQ(LineOfVersion("1.20.5"), "1.20");
  EXPECT_EQ(LineOfVersion("1.19.1-csa1.13"), "1.19");
  EXPECT_EQ(LineOfVersion("2"), "");
  EXPECT_EQ(LineOfVersion("x.y"), "");
  EXPECT_TRUE(IsNewerVersion("1.20.10", "1.20.9"));
  EXPECT_TRUE(IsNewerVersion("2.0.0", "1.20.5"));
  EXPECT_TRUE(IsNewerVersion("2.0.0", "2.0.0-rc1"));
  EXPECT_FALSE(IsNewerVersion("2.0.0", "2.0.0"));
}

TEST(RootCauseTest, IsTheInnermostOneOfTheLastTrace) {
  EXPECT_EQ(RootCauseIn("INFO a\nERROR b: x.FooException: one\n\tat q\nCaused by: two\n\tat r\n"
                        "Caused by: three\n\tat s\nINFO end\n"),
            "three");
  EXPECT_EQ(RootCauseIn("Caused by: old\n2026 ERROR Main - new Exception\n\tat x\n"),
            "2026 ERROR Main - new Exception");
  EXPECT_EQ(RootCauseIn("just\nlines\n"), "lines");
  EXPECT_EQ(RootCauseIn(""), "");
}

}  // namespace
}  // namespace streampark::console
