// SPDX-License-Identifier: Apache-2.0
// Folders in a bucket of a real server.
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>

#include <sys/wait.h>
#include <unistd.h>

#include "streampark/connectors/testing/s3_server.h"
#include "streampark/objects/open_folder.h"

#include "folder_lease.h"
#include "s3_client.h"
#include "testing/folder_contract.h"

namespace streampark::objects::s3 {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using connectors::testing::S3Server;
using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

S3Server& Server() {
  static S3Server server;
  return server;
}

S3Options OptionsFor(const S3Server& server) {
  return {.library = SP_S3_LIBRARY,
          .endpoint = server.endpoint(),
          .region = S3Server::kRegion,
          .access_key_id = S3Server::kAccessKeyId,
          .secret_access_key = S3Server::kSecretAccessKey,
          .patience = 300ms,
          .lease = 3s,
          .part_bytes = std::size_t{5} << 20U};
}

int FilesBelow(const fs::path& folder) {
  std::error_code vanished;
  int files = 0;
  for (fs::recursive_directory_iterator at(folder, vanished), end; at != end && !vanished;
       at.increment(vanished)) {
    files += at->is_regular_file(vanished) ? 1 : 0;
  }
  return files;
}

/// Has a place of its own in the bucket.
class S3FolderTest : public ::testing::Test {
 protected:
  S3FolderTest()
      : location_(Location("s3://flights") /
                  (::testing::UnitTest::GetInstance()->current_test_info()->name() +
                   std::string("-") + std::to_string(++places))) {}

  std::unique_ptr<ObjectFolder> Folder(std::stop_token stop = {}) const {
    auto folder = OpenFolder(location_, options_, std::move(stop));
    EXPECT_TRUE(folder.ok()) << (folder.ok() ? "" : folder.error().ToString());
    return std::move(folder).value();
  }
  testing::Open Opener() const {
    return [this] { return Folder(); };
  }
  S3Client Client() const {
    return S3Client({.bucket = S3Server::kBucket,
                     .endpoint = options_.endpoint,
                     .region = options_.region,
                     .credentials = {options_.access_key_id, options_.secret_access_key, ""},
                     .patience = options_.patience},
                    clock_);
  }
  std::vector<Uploads::Upload> UploadsUnderWay() const {
    auto client = Client();
    return ReadUploads(client.Send({.query = {{"uploads", ""}}}, {}).value().body).value().uploads;
  }

  static inline int places = 0;
  const base::SystemClock clock_;
  const Location location_;
  S3Options options_ = OptionsFor(Server());
};

TEST_F(S3FolderTest, ObjectsAreThereWholeOrNotAtAll) {
  testing::ExpectObjectsAreThereWholeOrNotAtAll(Opener());
}
TEST_F(S3FolderTest, FilesAreKeptOnce) { testing::ExpectFilesAreKeptOnce(Opener(), 100'000); }
TEST_F(S3FolderTest, BigFilesAreSentInParts) {
  testing::ExpectFilesAreKeptOnce(Opener(), (std::size_t{21} << 20U) + 12'345);
  EXPECT_THAT(UploadsUnderWay(), ::testing::IsEmpty());
}
TEST_F(S3FolderTest, OneClaimAtATime) { testing::ExpectOneClaimAtATime(Opener()); }
TEST_F(S3FolderTest, ManyThreadsMayUseIt) { testing::ExpectManyThreadsMayUseIt(Opener()); }

TEST_F(S3FolderTest, BigValuesAreSentInPartsAndReadInParts) {
  std::string bytes(std::size_t{24} << 20U, 'x');
  for (std::size_t i = 0; i < bytes.size(); i += 4'093) {
    bytes[i] = static_cast<char>(i % 251);
  }
  const auto folder = Folder();
  ASSERT_TRUE(folder->Put("big", bytes).ok());
  EXPECT_TRUE(folder->Get("big").value() == bytes);
  ASSERT_TRUE(folder->Put("whole", bytes.substr(0, std::size_t{8} << 20U)).ok());
  EXPECT_EQ(folder->Get("whole").value().size(), std::size_t{8} << 20U);
}

TEST_F(S3FolderTest, ListsAreReadToTheirEnd) {
  const auto folder = Folder();
  const fs::path at = Server().bucket() / location_.prefix() / "many";
  fs::create_directories(at);
  for (int i = 0; i < 1'234; ++i) {
    std::ofstream(at / std::to_string(i));
  }
  const auto names = folder->List("many/").value();
  EXPECT_EQ(names.size(), 1'234U);
  ASSERT_TRUE(folder->Remove(names).ok());
  EXPECT_THAT(folder->List("many/").value(), ElementsAre());
}

TEST_F(S3FolderTest, WhatIsNewIsNotWrittenOverAnother) {
  const auto folder = Folder();
  ASSERT_TRUE(folder->PutNew("chk-1/_record", "ours").ok());
  EXPECT_TRUE(folder->PutNew("chk-1/_record", "ours").ok());  // as after an answer that was lost
  EXPECT_EQ(folder->PutNew("chk-1/_record", "theirs").error().code(), base::ErrorCode::kNameTaken);
  EXPECT_EQ(folder->Get("chk-1/_record").value(), "ours");
}

TEST_F(S3FolderTest, OverTls) {
  S3Server secure(S3Server::Transport::kTls);
  options_ = OptionsFor(secure);
  EXPECT_EQ(Folder()->Put("a", "x").error().code(), base::ErrorCode::kClusterUnreachable);
  options_.ca_file = secure.certificate();
  ASSERT_TRUE(Folder()->Put("a", "x").ok());
  EXPECT_EQ(Folder()->Get("a").value(), "x");
}

// --------------------------------------------------------------------------------------------- errors

TEST_F(S3FolderTest, ErrorsSayWhatToMendAndNoSecret) {
  const auto error = [&] { return Folder()->Claim().error(); };
  options_.secret_access_key = "hunter2hunter2";
  auto text = error().ToString();
  EXPECT_EQ(error().code(), base::ErrorCode::kBadCredentials);
  EXPECT_THAT(text, AllOf(HasSubstr("secret access key"), HasSubstr("AWS_SECRET_ACCESS_KEY"),
                          Not(HasSubstr("hunter2")), Not(HasSubstr(S3Server::kAccessKeyId))));
  options_ = OptionsFor(Server());
  options_.access_key_id = "AKIDNOBODY";
  EXPECT_EQ(error().code(), base::ErrorCode::kBadCredentials);
  EXPECT_THAT(error().ToString(),
              AllOf(HasSubstr("does not know the access key id"), Not(HasSubstr("AKIDNOBODY"))));
  options_ = OptionsFor(Server());
  options_.region = "us-east-1";
  EXPECT_EQ(error().code(), base::ErrorCode::kConfigInvalid) << error().ToString();
  EXPECT_THAT(error().ToString(), AllOf(HasSubstr("region"), HasSubstr("native.s3.region")));
  options_ = OptionsFor(Server());
  const auto missing = OpenFolder(Location("s3://nobodys/x"), options_).value()->Claim().error();
  EXPECT_EQ(missing.code(), base::ErrorCode::kNotFound);
  EXPECT_THAT(missing.ToString(), HasSubstr("There is no bucket 'nobodys'"));
}

TEST_F(S3FolderTest, AClockThatIsWrongIsNamed) {
  base::ManualClock clock(clock_.Now() - 2h);
  S3Client client({.bucket = S3Server::kBucket,
                   .endpoint = options_.endpoint,
                   .region = options_.region,
                   .credentials = {options_.access_key_id, options_.secret_access_key, ""},
                   .patience = 300ms},
                  clock);
  const auto error = client.Send({.key = "x"}, {}).error();
  EXPECT_EQ(error.code(), base::ErrorCode::kConfigInvalid) << error.ToString();
  EXPECT_THAT(error.ToString(), AllOf(HasSubstr("clock of this machine"), HasSubstr("store")));
}

// --------------------------------------------------------------------------------------------- faults

TEST_F(S3FolderTest, AServerThatIsAwayIsTriedAgainAndNamed) {
  S3Server server;
  options_ = OptionsFor(server);
  const auto folder = Folder();
  ASSERT_TRUE(folder->Put("a", "x").ok());
  server.Kill();
  const auto error = folder->Put("a", "y").error();
  EXPECT_THAT(error.code(),
              AnyOf(base::ErrorCode::kClusterUnreachable, base::ErrorCode::kEngineTimeout));
  EXPECT_THAT(error.ToString(), AllOf(HasSubstr("tried "), HasSubstr(server.endpoint())));
  server.Start();
  EXPECT_EQ(folder->Get("a").value(), "x");
  EXPECT_TRUE(folder->Put("a", "y").ok());
}

TEST_F(S3FolderTest, AServerThatComesBackInTimeIsNotMissed) {
  S3Server server;
  options_ = OptionsFor(server);
  options_.patience = 60s;
  const auto folder = Folder();
  ASSERT_TRUE(folder->Put("a", "x").ok());
  server.Kill();
  base::Status put = base::Ok();
  std::jthread putting([&] { put = folder->Put("a", "y"); });
  server.Start();
  putting.join();
  EXPECT_TRUE(put.ok());
  EXPECT_EQ(folder->Get("a").value(), "y");
}

TEST_F(S3FolderTest, AConnectionThatIsCutInTheMiddleOfAnUploadLeavesNothingToSee) {
  S3Server server;
  options_ = OptionsFor(server);
  const auto folder = Folder();
  const auto scratch = base::TemporaryFolder::Create().value();
  const auto file = scratch.path() / "big";
  std::ofstream(file) << std::string(std::size_t{64} << 20U, 'x');
  base::Status put = base::Ok();
  {
    // The server dies with parts of it in its hands.
    std::jthread putting([&] { put = folder->PutFile("_shared/big", file); });
    while (FilesBelow(server.bucket()) < 2) {
      std::this_thread::sleep_for(1ms);  // between two looks
    }
    server.Kill();
  }
  ASSERT_FALSE(put.ok());
  server.Start();
  EXPECT_THAT(folder->List("").value(), ElementsAre());
  const auto uploads_of = [&] {
    S3Client client({.bucket = S3Server::kBucket,
                     .endpoint = options_.endpoint,
                     .region = options_.region,
                     .credentials = {options_.access_key_id, options_.secret_access_key, ""}},
                    clock_);
    return ReadUploads(client.Send({.query = {{"uploads", ""}}}, {}).value().body).value().uploads;
  };
  EXPECT_EQ(uploads_of().size(), 1U);
  // Whoever claims the folder finds none.
  const auto claim = folder->Claim();
  ASSERT_TRUE(claim.ok()) << claim.error().ToString();
  EXPECT_THAT(uploads_of(), ::testing::IsEmpty());
  EXPECT_TRUE(folder->PutFile("_shared/big", file).ok());
  EXPECT_EQ(folder->Get("_shared/big").value().size(), std::size_t{64} << 20U);
}

TEST_F(S3FolderTest, AServerThatStandsStillIsWaitedForUntilItIsStopped) {
  S3Server server;
  options_ = OptionsFor(server);
  options_.deadline = 600s;
  options_.patience = 600s;
  std::stop_source stop;
  const auto folder = Folder(stop.get_token());
  ASSERT_TRUE(folder->Put("a", "x").ok());
  server.StandStill();
  base::Status put = base::Ok();
  std::jthread putting([&] { put = folder->Put("a", "y"); });
  stop.request_stop();
  putting.join();
  server.GoOn();
  ASSERT_FALSE(put.ok());
  EXPECT_EQ(put.error().code(), base::ErrorCode::kCancelled);
  EXPECT_EQ(folder->Put("a", "z").error().code(), base::ErrorCode::kCancelled);
}

// --------------------------------------------------------------------------------------------- claims

class S3ClaimTest : public S3FolderTest {
 protected:
  std::string Lock() const { return location_.prefix() + "/_lock"; }
  /// As a process of another machine does, which nobody here can see.
  void WriteAsAnother(std::uint64_t beat) const {
    auto client = Client();
    const std::string text =
        R"({"owner":"0123456789ab","host":"far-away","system":"another","pid":42,"start":7,"newest":3,"beat":)" +
        std::to_string(beat) + "}";
    ASSERT_TRUE(client.Send({.method = "PUT", .key = Lock(), .body = text}, {}).ok());
  }
};

TEST_F(S3ClaimTest, WhoDiedOnThisMachineIsNotWaitedFor) {
  const pid_t child = ::fork();
  if (child == 0) {
    const auto folder = Folder();
    auto claim = folder->Claim();
    ::_exit(claim.ok() && (*claim)->Mark(5).ok() ? (::raise(SIGKILL), 0) : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  options_.lease = 600s;
  const auto folder = Folder();
  const auto claim = folder->Claim();
  ASSERT_TRUE(claim.ok()) << claim.error().ToString();
  EXPECT_EQ((*claim)->mark(), 5U);
  EXPECT_EQ((*claim)->weakness(), "");
}

TEST_F(S3ClaimTest, WhoIsSilentElsewhereIsWaitedFor) {
  WriteAsAnother(1);
  const auto begun = std::chrono::steady_clock::now();
  const auto folder = Folder();
  const auto claim = folder->Claim();
  ASSERT_TRUE(claim.ok()) << claim.error().ToString();
  EXPECT_EQ((*claim)->mark(), 3U);
  // Last-Modified knows whole seconds.
  EXPECT_GE(std::chrono::steady_clock::now() - begun, options_.lease - 1s);
}

TEST_F(S3ClaimTest, WhoRenewsElsewhereKeepsTheFolder) {
  WriteAsAnother(1);
  options_.lease = 600s;
  std::mutex mutex;
  std::condition_variable_any never;
  std::jthread renewing([&](const std::stop_token& stop) {
    for (std::uint64_t beat = 2; !stop.stop_requested(); ++beat) {
      std::unique_lock lock(mutex);
      never.wait_for(lock, stop, 50ms, [] { return false; });
      WriteAsAnother(beat);
    }
  });
  const auto refused = Folder()->Claim();
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), base::ErrorCode::kDataFolderInUse);
  EXPECT_THAT(refused.error().ToString(),
              AllOf(HasSubstr(location_.text()), HasSubstr("process 42"), HasSubstr("far-away")));
}

TEST_F(S3ClaimTest, WhoHasLostItIsToldBeforeAnythingElse) {
  const auto folder = Folder();
  const auto claim = folder->Claim().value();
  ASSERT_TRUE(claim->Mark(1).ok());
  WriteAsAnother(9);
  const auto lost = claim->Mark(2);
  ASSERT_FALSE(lost.ok());
  EXPECT_EQ(lost.error().code(), base::ErrorCode::kDataFolderInUse);
  EXPECT_THAT(lost.error().ToString(), HasSubstr("far-away"));
  EXPECT_FALSE(claim->Confirm().ok());
}

TEST_F(S3ClaimTest, AClaimIsRenewedWhileItLives) {
  const auto folder = Folder();
  const auto claim = folder->Claim().value();
  const auto before = folder->Get("_lock").value();
  while (folder->Get("_lock").value() == before) {
    std::this_thread::sleep_for(20ms);  // between two looks
  }
  EXPECT_TRUE(claim->Confirm().ok());
}

TEST_F(S3ClaimTest, OfManyAtOnceOneHasIt) {
  std::atomic<int> claimed = 0;
  std::mutex mutex;
  std::vector<std::unique_ptr<ObjectFolder>> folders;
  std::vector<std::unique_ptr<FolderClaim>> claims;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&] {
        auto folder = Folder();
        auto claim = folder->Claim();
        const std::lock_guard lock(mutex);
        if (claim.ok()) {
          ++claimed;
          claims.push_back(std::move(claim).value());
        }
        folders.push_back(std::move(folder));
      });
    }
  }
  EXPECT_EQ(claimed, 1);
  claims.clear();
}

TEST_F(S3ClaimTest, NothingIsLeftOfAClaimOfWhatIsEmpty) {
  {
    const auto folder = Folder();
    const auto claim = folder->Claim();
    ASSERT_TRUE(claim.ok());
  }
  EXPECT_THAT(Folder()->List("").value(), ElementsAre());
}

}  // namespace
}  // namespace streampark::objects::s3
