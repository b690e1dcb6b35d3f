// SPDX-License-Identifier: Apache-2.0
#include "installations/flink_installations.h"

#include <archive.h>
#include <archive_entry.h>
#include <gtest/gtest.h>

#include "installations/flink_version.h"
#include "java/java_runtime.h"
#include "testing/testdata.h"

namespace streampark::flink {
namespace {

namespace fs = std::filesystem;

/// A real jar that holds a manifest and nothing else.
void WriteJar(const fs::path& file, const std::string& manifest) {
  fs::create_directories(file.parent_path());
  archive* jar = archive_write_new();
  archive_write_set_format_zip(jar);
  archive_write_open_filename(jar, file.c_str());
  archive_entry* entry = archive_entry_new();
  archive_entry_set_pathname(entry, "META-INF/MANIFEST.MF");
  archive_entry_set_size(entry, static_cast<la_int64_t>(manifest.size()));
  archive_entry_set_filetype(entry, AE_IFREG);
  archive_entry_set_perm(entry, 0644);
  archive_write_header(jar, entry);
  archive_write_data(jar, manifest.data(), manifest.size());
  archive_entry_free(entry);
  archive_write_free(jar);
}

/// The parts of a distribution that are looked for.
void WriteDistribution(const TemporaryFolder& home, const std::string& main_jar,
                       const std::string& version) {
  home.Write("bin/config.sh", "");
  home.Write("bin/bash-java-utils.jar", "");
  home.Write("conf/config.yaml", "");
  WriteJar(home.path() / "lib" / main_jar,
           "Manifest-Version: 1.0\r\nImplementation-Version: " + version + "\r\n\r\n");
  home.Write("lib/flink-table-planner-loader-" + version + ".jar", "x");
}

TEST(FlinkVersion, IsReadWithItsVendor) {
  const auto plain = ParseFlinkVersion("1.20.5");
  ASSERT_TRUE(plain.has_value());
  EXPECT_EQ(plain->line(), "1.20");
  EXPECT_EQ(plain->patch, 5);
  EXPECT_EQ(plain->vendor, "");
  EXPECT_EQ(ParseFlinkVersion("1.19.1-csa1.13")->vendor, "csa1.13");
  EXPECT_EQ(ParseFlinkVersion("1.19.1-csa1.13")->line(), "1.19");
  EXPECT_EQ(ParseFlinkVersion("1.18.1-amzn-1")->vendor, "amzn-1");
  EXPECT_EQ(ParseFlinkVersion("2.1-SNAPSHOT")->vendor, "SNAPSHOT");
  EXPECT_FALSE(ParseFlinkVersion("flink").has_value());
  EXPECT_FALSE(ParseFlinkVersion("1").has_value());
}

TEST(FlinkVersion, IsFoundInJarNames) {
  EXPECT_EQ(VersionInJarName("flink-dist-1.20.5.jar"), "1.20.5");
  EXPECT_EQ(VersionInJarName("flink-dist_2.12-1.13.6.jar"), "1.13.6");
  EXPECT_EQ(VersionInJarName("flink-dist-1.19.1-csa1.13.jar"), "1.19.1-csa1.13");
  EXPECT_EQ(VersionInJarName("flink-dist.jar"), std::nullopt);
  EXPECT_EQ(VersionInJarName("flink-json-1.20.5.jar"), std::nullopt);
}

TEST(Inspect, ReadsWhatTheDistributionSaysOfItself) {
  const TemporaryFolder home;
  WriteDistribution(home, "flink-dist-1.19.1-csa1.13.jar", "1.19.1-csa1.13");
  FlinkInstallations installations({});
  const auto inspection = installations.Inspect(home.path(), {});
  ASSERT_TRUE(inspection.ok()) << inspection.error().ToString();
  EXPECT_EQ(inspection->version, "1.19.1-csa1.13");
  EXPECT_EQ(inspection->line, "1.19");
  EXPECT_EQ(inspection->vendor, "csa1.13");
  EXPECT_GT(inspection->size_bytes, 0U);
  home.Write("lib/more.jar", "y");
  EXPECT_NE(installations.Inspect(home.path(), {})->digest, inspection->digest);
}

TEST(Inspect, SaysWhatIsMissing) {
  FlinkInstallations installations({});
  const auto message = [&](const fs::path& home) {
    const auto inspection = installations.Inspect(home, {});
    EXPECT_FALSE(inspection.ok());
    EXPECT_EQ(inspection.error().code(), base::ErrorCode::kInstallationInvalid);
    return inspection.ok() ? std::string() : inspection.error().message();
  };
  EXPECT_NE(message("/nowhere/at/all").find("no such folder"), std::string::npos);
  EXPECT_NE(message("relative").find("absolute"), std::string::npos);
  const TemporaryFolder empty;
  EXPECT_NE(message(empty.path()).find("no flink-dist jar"), std::string::npos);
  const TemporaryFolder no_conf;
  WriteDistribution(no_conf, "flink-dist-2.3.0.jar", "2.3.0");
  fs::remove_all(no_conf.path() / "conf");
  EXPECT_NE(message(no_conf.path()).find("conf is missing"), std::string::npos);
  const TemporaryFolder no_planner;
  WriteDistribution(no_planner, "flink-dist-2.3.0.jar", "2.3.0");
  fs::remove(no_planner.path() / "lib/flink-table-planner-loader-2.3.0.jar");
  EXPECT_NE(message(no_planner.path()).find("no SQL planner"), std::string::npos);
  const TemporaryFolder other;
  WriteDistribution(other, "flink-dist-2.3.0.jar", "1.20.5");
  EXPECT_NE(message(other.path()).find("says in its manifest"), std::string::npos);
  const TemporaryFolder damaged;
  WriteDistribution(damaged, "flink-dist-2.3.0.jar", "2.3.0");
  damaged.Write("lib/flink-dist-2.3.0.jar", "not a zip");
  EXPECT_NE(message(damaged.path()).find("not a whole jar"), std::string::npos);
}

/// A program that says what the fetch script would say.
FlinkInstallations WithScript(const TemporaryFolder& folder, const std::string& body) {
  return FlinkInstallations({.fetch_script = folder.Write("fetch.py", body)});
}

TEST(Fetch, ReportsProgress) {
  const TemporaryFolder folder;
  auto installations = WithScript(
      folder,
      "print('{\"step\": \"download\", \"message\": \"x\", \"done\": 3, \"total\": 9}')\n"
      "print('{\"home\": \"h\", \"version\": \"1\", \"digest\": \"d\"}')\n");
  std::string steps;
  const auto fetched = installations.Fetch(
      "2.3.0", folder.path() / "home",
      [&steps](std::string_view step, std::int64_t done, std::int64_t total) {
        steps += std::string(step) + " " + std::to_string(done) + "/" + std::to_string(total);
      },
      {});
  ASSERT_TRUE(fetched.ok()) << fetched.error().ToString();
  EXPECT_EQ(steps, "download 3/9");
}

TEST(Fetch, CarriesTheScriptsReason) {
  const TemporaryFolder folder;
  auto installations =
      WithScript(folder,
                 "import sys\nprint('{\"error\": {\"code\": \"INDEX_UNREACHABLE\", \"message\": "
                 "\"no network\", \"hint\": \"look\"}}')\nsys.exit(1)\n");
  const auto failed = installations.Fetch("2.3.0", folder.path() / "home", {}, {});
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().code(), base::ErrorCode::kFetchFailed);
  EXPECT_EQ(failed.error().message(), "no network");
  EXPECT_EQ(failed.error().hint(), "look");
  EXPECT_EQ(failed.error().cause(), "INDEX_UNREACHABLE");
}

TEST(Fetch, EndsWhenItIsStopped) {
  const TemporaryFolder folder;
  auto installations = WithScript(
      folder, "import time\nprint('{\"step\": \"download\"}', flush=True)\ntime.sleep(600)\n");
  std::stop_source stop;
  const auto fetched = installations.Fetch(
      "2.3.0", folder.path() / "home",
      [&stop](std::string_view, std::int64_t, std::int64_t) { stop.request_stop(); },
      stop.get_token());
  ASSERT_FALSE(fetched.ok());
  EXPECT_EQ(fetched.error().code(), base::ErrorCode::kCancelled);
}

TEST(ListAvailable, IsNewestFirst) {
  const TemporaryFolder folder;
  auto installations =
      WithScript(folder, "print('{\"versions\": [\"1.9.0\", \"1.20.5\", \"2.3.0\"]}')\n");
  const auto versions = installations.ListAvailable({});
  ASSERT_TRUE(versions.ok()) << versions.error().ToString();
  EXPECT_EQ(*versions, (std::vector<std::string>{"2.3.0", "1.20.5", "1.9.0"}));
}

TEST(Java, VersionsAreReadAndUnsupportedOnesRefused) {
  EXPECT_EQ(MajorOfJavaVersion("17.0.21"), 17);
  EXPECT_EQ(MajorOfJavaVersion("1.8.0_432"), 8);
  EXPECT_EQ(MajorOfJavaVersion("25"), 25);
  EXPECT_EQ(MajorOfJavaVersion("x"), 0);
  const TemporaryFolder home;
  home.Write("bin/java", "");
  home.Write("release", "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"25.0.3\"\n");
  const auto refused = FindJava(home.path());
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.error().message().find("is Java 25"), std::string::npos);
  home.Write("release", "JAVA_VERSION=\"17.0.21\"\n");
  EXPECT_EQ(FindJava(home.path())->major, 17);
}

}  // namespace
}  // namespace streampark::flink
