// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "streampark/base/clock.h"
#include "streampark/base/result.h"

#include "folder_lease.h"
#include "s3_client.h"

namespace streampark::objects::s3 {

/// The objects under a prefix of a bucket, as object_folder.h says. Thread-safe.
class S3Folder {
 public:
  struct Setup {
    S3Settings client;
    std::string prefix;  // without slashes at its ends; may be empty
    base::Millis lease{30'000};
    std::size_t part_bytes = std::size_t{8} << 20U;
  };

  S3Folder(Setup setup, const base::Clock& clock);

  base::Status Put(std::string_view name, std::string_view bytes);
  base::Status PutNew(std::string_view name, std::string_view bytes);
  base::Status PutFile(std::string_view name, const std::filesystem::path& from);
  base::Result<std::string> Get(std::string_view name);
  base::Status GetFile(std::string_view name, const std::filesystem::path& to);
  base::Result<bool> Has(std::string_view name);
  base::Result<std::vector<std::string>> List(std::string_view prefix);
  base::Status Remove(const std::vector<std::string>& names);
  /// Also ends the uploads that others began below this prefix and did not bring to their end.
  base::Result<std::unique_ptr<FolderLease>> Claim();
  void Cancel() { stop_.request_stop(); }

 private:
  /// `length` bytes from `offset`, of whatever is put in parts.
  using ReadPart = std::function<base::Result<std::string>(std::size_t offset, std::size_t length)>;

  base::Result<std::string> KeyOf(std::string_view name) const;
  std::string KeyPrefix() const { return setup_.prefix.empty() ? "" : setup_.prefix + "/"; }
  base::Status PutInParts(const std::string& key, std::size_t size, const ReadPart& read);
  base::Result<std::string> SendParts(const std::string& key, const std::string& upload,
                                      std::size_t size, const ReadPart& read);
  base::Status CompleteUpload(const std::string& key, const std::string& upload,
                              const std::string& etags);
  void Abort(const std::string& key, const std::string& upload);
  base::Status AbortLeftovers();
  base::Status RemoveAtOnce(const std::vector<std::string>& keys);

  const Setup setup_;
  std::stop_source stop_;
  S3Client client_;
  std::mutex mutex_;
  /// Names that were put from files, or listed: those need not be asked for. Nobody else removes what is under a claim.
  std::set<std::string, std::less<>> known_;
};

}  // namespace streampark::objects::s3
