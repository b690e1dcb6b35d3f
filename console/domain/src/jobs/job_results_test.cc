// SPDX-License-Identifier: Apache-2.0
#include "streampark/console/jobs/job_results.h"

#include <gtest/gtest.h>

#include "streampark/base/files.h"
#include "streampark/base/temporary_folder.h"
#include "streampark/console/jobs/artifact_store.h"
#include "streampark/console/jobs/jar_inspection.h"

namespace streampark::console {
namespace {

namespace fs = std::filesystem;

class ResultsTest : public ::testing::Test {
 protected:
  void Write(const fs::path& file, std::string_view text) {
    fs::create_directories(file.parent_path());
    ASSERT_TRUE(base::WriteFileAtomically(file, text).ok());
  }
  Release Writing(const std::string& path, const std::string& format = "json") {
    Release release;
    engines::SqlTable table;
    table.name = "delays";
    table.connector = "filesystem";
    table.columns = {{"a", "INT", "PHYSICAL"}, {"b", "STRING", "PHYSICAL"}};
    table.options = {{"connector", "filesystem"}, {"format", format}, {"path", path}};
    release.tables = {table};
    release.sinks = {"delays"};
    return release;
  }
  std::vector<ResultTable> Read(const Release& release, int limit = 10) {
    return ReadResults(release, {results_}, limit);
  }

  base::TemporaryFolder folder_ = base::TemporaryFolder::Create().value();
  fs::path results_ = folder_.path() / "results";

  void SetUp() override { fs::create_directories(results_); }
};

TEST_F(ResultsTest, NewestCommittedRowsComeFirst) {
  Write(results_ / "d/part-1", "{\"a\":1}\n{\"a\":2}\n");
  Write(results_ / "d/.part-2.inprogress.x", "{\"a\":99}\n");
  Write(results_ / "d/_SUCCESS", "{\"a\":98}\n");
  const auto tables = Read(Writing("file://" + (results_ / "d").string()));
  ASSERT_EQ(tables.size(), 1U);
  EXPECT_EQ(tables[0].rows, (std::vector<std::string>{"{\"a\":2}", "{\"a\":1}"}));
  EXPECT_TRUE(tables[0].updated_at.has_value());
  EXPECT_EQ(Read(Writing((results_ / "d").string()), 1)[0].rows.size(), 1U);
}

TEST_F(ResultsTest, CsvRowsGetTheirColumns) {
  Write(results_ / "d/part-1", "1,\"x, \"\"y\"\"\"\n");
  const auto tables = Read(Writing((results_ / "d").string(), "csv"));
  EXPECT_EQ(tables[0].rows.front(), R"({"a":"1","b":"x, \"y\""})");
}

TEST_F(ResultsTest, NothingOutsideTheFoldersIsRead) {
  Write(folder_.path() / "secret/part-1", "{\"key\":\"s3cret\"}\n");
  fs::create_directory_symlink(folder_.path() / "secret", results_ / "link");
  fs::create_directories(results_ / "d");
  fs::create_symlink(folder_.path() / "secret/part-1", results_ / "d/part-1");
  for (const std::string& path :
       {(folder_.path() / "secret").string(), (results_ / "../secret").string(),
        (results_ / "link").string(), (results_ / "d").string(), std::string("/etc"),
        std::string("file:///etc"), std::string("s3://bucket/x")}) {
    const auto tables = Read(Writing(path));
    ASSERT_EQ(tables.size(), 1U) << path;
    EXPECT_TRUE(tables[0].rows.empty()) << path;
    EXPECT_FALSE(tables[0].note.empty()) << path;
  }
}

TEST_F(ResultsTest, OnlySinksAreShown) {
  Release release = Writing((results_ / "d").string());
  release.sinks = {"another"};
  EXPECT_TRUE(Read(release).empty());
}

TEST_F(ResultsTest, JarsAreRealJars) {
  Write(folder_.path() / "a.jar", "this is no jar");
  EXPECT_EQ(InspectJar(folder_.path() / "a.jar").error().code(), base::ErrorCode::kNotAJar);
  Write(folder_.path() / "b.jar", "");
  EXPECT_EQ(InspectJar(folder_.path() / "b.jar").error().code(), base::ErrorCode::kNotAJar);
  // A zip with one stored entry META-INF/x, as small as one can be.
  const std::string name = "META-INF/x";
  std::string zip("PK\x03\x04\x0a\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x0a\0\0\0", 30);
  zip += name;
  const std::string directory_at(1, static_cast<char>(zip.size()));
  std::string central("PK\x01\x02\x14\0\x0a\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x0a\0", 30);
  central += std::string(16, '\0') + name;
  const std::string size(1, static_cast<char>(central.size()));
  zip += central + std::string("PK\x05\x06\0\0\0\0\x01\0\x01\0", 12) + size + std::string(3, '\0') +
         directory_at + std::string(5, '\0');
  Write(folder_.path() / "c.jar", zip);
  const auto jar = InspectJar(folder_.path() / "c.jar");
  ASSERT_TRUE(jar.ok()) << jar.error().ToString();
  EXPECT_EQ(jar->entries, 1);
}

TEST_F(ResultsTest, ArtifactsAreKeptOnceAndSweptWhenOld) {
  ArtifactStore store(folder_.path() / "artifacts");
  Write(folder_.path() / "x", "bytes");
  Write(folder_.path() / "y", "bytes");
  const std::string digest = *store.Adopt(folder_.path() / "x");
  EXPECT_EQ(*store.Adopt(folder_.path() / "y"), digest);
  EXPECT_TRUE(store.Has(digest));
  EXPECT_EQ(store.Sweep({}), 0) << "young ones stay";
  fs::last_write_time(store.PathOf(digest),
                      fs::file_time_type::clock::now() - std::chrono::hours(2));
  EXPECT_EQ(store.Sweep({digest}), 0);
  EXPECT_EQ(store.Sweep({}), 1);
  EXPECT_FALSE(store.Has(digest));
}

}  // namespace
}  // namespace streampark::console
