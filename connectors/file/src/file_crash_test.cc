// SPDX-License-Identifier: Apache-2.0
// A process that writes files is killed before and after each thing that it asks of the file system, and started again.
#include <filesystem>
#include <memory>

#include <gtest/gtest.h>

#include "streampark/base/temporary_folder.h"
#include "streampark/connectors/testing/crash_job.h"

#include "file_connector.h"
#include "file_testing.h"

namespace streampark::connectors::file {
namespace {

using connectors::testing::CrashTarget;
using connectors::testing::ExpectEachRowOnceHoweverOftenItIsKilled;
using connectors::testing::ExpectEachRowOnceWhereverItIsKilled;
using connectors::testing::Fate;
using connectors::testing::Given;
using file::testing::ReadAll;
using file::testing::SchemaOf;
using file::testing::StagedIn;

class MortalOutput final : public FileOutput {
 public:
  MortalOutput(std::unique_ptr<FileOutput> file, Fate& fate)
      : file_(std::move(file)), fate_(fate) {}
  base::Status Write(std::string_view bytes) override {
    fate_.Pass();
    SP_TRY(file_->Write(bytes.substr(0, bytes.size() / 2)));
    fate_.Pass();  // in the middle of a row
    return file_->Write(bytes.substr(bytes.size() / 2));
  }
  base::Status Close() override {
    fate_.Pass();
    return file_->Close();
  }

 private:
  std::unique_ptr<FileOutput> file_;
  Fate& fate_;
};

/// The local store, with a point before each change and, since the next call has one too, after it.
class MortalStore final : public FileStore {
 public:
  explicit MortalStore(Fate& fate) : fate_(fate) {}

  base::Result<std::vector<Found>> List(const std::string& pattern, std::stop_token stop) override {
    return store_->List(pattern, std::move(stop));
  }
  base::Result<std::unique_ptr<FileInput>> Open(const std::string& path) override {
    return store_->Open(path);
  }
  base::Result<std::unique_ptr<FileOutput>> Create(const std::string& path) override {
    fate_.Pass();
    return std::make_unique<MortalOutput>(SP_TRY(store_->Create(path)), fate_);
  }
  base::Status SyncFolder(const std::string& folder) override {
    fate_.Pass();
    return store_->SyncFolder(folder);
  }
  base::Result<Moved> Move(const std::string& from, const std::string& to) override {
    fate_.Pass();
    return store_->Move(from, to);
  }
  base::Result<bool> Exists(const std::string& path) override { return store_->Exists(path); }
  base::Result<std::vector<std::string>> Names(const std::string& folder) override {
    return store_->Names(folder);
  }
  base::Status Remove(const std::string& path) override {
    fate_.Pass();
    return store_->Remove(path);
  }
  base::Status WriteNote(const std::string& path, std::string_view text) override {
    fate_.Pass();
    return store_->WriteNote(path, text);
  }
  base::Result<std::optional<std::string>> ReadNote(const std::string& path) override {
    return store_->ReadNote(path);
  }

 private:
  const std::shared_ptr<FileStore> store_ = MakeLocalStore();
  Fate& fate_;
};

/// In memory where that can be had: a kill loses nothing that was written, and every sync of a disk would be waited for.
base::TemporaryFolder NewFolder() {
  const std::filesystem::path memory = "/dev/shm";
  return base::TemporaryFolder::Create(std::filesystem::is_directory(memory) ? memory : "").value();
}

class FileCrash : public ::testing::TestWithParam<const char*> {
 protected:
  std::filesystem::path out() const { return folder_.path() / "out"; }
  CrashTarget Target() {
    const Given files{{"path", out()}, {"format", GetParam()}};
    Given options = files;
    options["roll.rows"] = "4";
    return {
        .make_connector =
            [](Fate& fate) { return MakeFileConnectorOver(std::make_shared<MortalStore>(fate)); },
        .options = std::move(options),
        .visible = [files] { return ReadAll(files, SchemaOf("n BIGINT NOT NULL, name STRING")); },
        .staged = [this] { return StagedIn(out()); },
        .clear = [this] { std::filesystem::remove_all(out()); }};
  }

 private:
  const base::TemporaryFolder folder_ = NewFolder();
};

TEST_P(FileCrash, NoRowIsLostOrDoubledWhereverTheProcessIsKilled) {
  ExpectEachRowOnceWhereverItIsKilled(Target(), 50);
}

TEST_P(FileCrash, KilledAgainAndAgainItStillEnds) {
  ExpectEachRowOnceHoweverOftenItIsKilled(Target(), 11);
}

INSTANTIATE_TEST_SUITE_P(Formats, FileCrash, ::testing::Values("csv", "parquet"));

}  // namespace
}  // namespace streampark::connectors::file
