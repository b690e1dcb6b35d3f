// SPDX-License-Identifier: Apache-2.0
#include "static_files.h"

#include <fstream>

#include <gtest/gtest.h>

#include "streampark/base/files.h"
#include "streampark/base/temporary_folder.h"

namespace streampark::http {
namespace {

namespace fs = std::filesystem;

class StaticFilesTest : public testing::Test {
 protected:
  StaticFilesTest() {
    fs::create_directories(root_ / "assets");
    Put("index.html", "<html>");
    Put("assets/app-1a2b.js", "plain");
    Put("assets/app-1a2b.js.br", "brotli");
    Put("assets/app-1a2b.js.gz", "gzip");
    Put("favicon.svg", "<svg/>");
    std::ofstream(folder_.path() / "secret") << "secret";
    fs::create_symlink(folder_.path() / "secret", root_ / "link.txt");
  }
  void Put(const char* name, const char* content) {
    ASSERT_TRUE(base::WriteFileAtomically(root_ / name, content).ok());
  }
  std::string Content(const std::optional<Response>& response) {
    return response && std::holds_alternative<FileBody>(response->body)
               ? base::ReadFile(std::get<FileBody>(response->body).file).value()
               : "";
  }
  static std::string Header(const Response& response, std::string_view name) {
    for (const auto& [known, text] : response.headers) {
      if (known == name) {
        return text;
      }
    }
    return {};
  }

  base::TemporaryFolder folder_ = base::TemporaryFolder::Create().value();
  fs::path root_ = folder_.path() / "web";
  StaticFiles files_{root_};
};

TEST_F(StaticFilesTest, SendsWhatTheClientUnpacks) {
  EXPECT_EQ(Content(files_.Find("/assets/app-1a2b.js", "", "")), "plain");
  EXPECT_EQ(Content(files_.Find("/assets/app-1a2b.js", "gzip, deflate, br", "")), "brotli");
  EXPECT_EQ(Content(files_.Find("/assets/app-1a2b.js", "gzip;q=0.5", "")), "gzip");
  EXPECT_EQ(Content(files_.Find("/assets/app-1a2b.js", "br;q=0", "")), "plain");
  const auto response = files_.Find("/assets/app-1a2b.js", "br", "");
  EXPECT_EQ(Header(*response, "Content-Encoding"), "br");
  EXPECT_EQ(response->content_type, "text/javascript; charset=utf-8");
  EXPECT_NE(Header(*response, "Cache-Control").find("immutable"), std::string::npos);
}

TEST_F(StaticFilesTest, AnswersTheAppsAddressesWithItsPage) {
  EXPECT_EQ(Content(files_.Find("/", "", "")), "<html>");
  EXPECT_EQ(Content(files_.Find("/jobs/01ABC/overview", "", "")), "<html>");
  EXPECT_FALSE(files_.Find("/assets/missing.js", "", ""));
  EXPECT_FALSE(files_.Find("/api/v1/nothing", "", ""));
  const auto page = files_.Find("/", "", "");
  EXPECT_EQ(Header(*page, "Cache-Control"), "no-cache");
  const std::string policy = Header(*page, "Content-Security-Policy");
  EXPECT_NE(policy.find("frame-ancestors 'none'"), std::string::npos);
  EXPECT_NE(policy.find("worker-src 'self' blob:"), std::string::npos);
  EXPECT_EQ(policy.find("unsafe-eval"), std::string::npos);
}

TEST_F(StaticFilesTest, NeverLeavesItsFolder) {
  for (const char* path :
       {"/../secret", "/..", "//etc/passwd", "/assets/../../secret", "/link.txt"}) {
    EXPECT_NE(Content(files_.Find(path, "", "")), "secret") << path;
  }
  EXPECT_FALSE(files_.Find("/link.txt", "", ""));
}

TEST_F(StaticFilesTest, KnowsWhatTheClientHas) {
  const auto first = files_.Find("/favicon.svg", "", "");
  const auto again = files_.Find("/favicon.svg", "", Header(*first, "ETag"));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->status, 304);
}

TEST_F(StaticFilesTest, ANewBuildIsSeen) {
  EXPECT_FALSE(files_.Find("/assets/new-2.js", "", ""));
  Put("assets/new-2.js", "new");
  Put("index.html", "<html2>");
  fs::last_write_time(root_ / "index.html",
                      fs::file_time_type::clock::now() + std::chrono::seconds(5));
  EXPECT_EQ(Content(files_.Find("/assets/new-2.js", "", "")), "new");
}

TEST_F(StaticFilesTest, WithoutAFolderThereIsNothing) {
  StaticFiles none{fs::path()};
  EXPECT_FALSE(none.Find("/", "", ""));
}

}  // namespace
}  // namespace streampark::http
