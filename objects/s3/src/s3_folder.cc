// SPDX-License-Identifier: Apache-2.0
#include "s3_folder.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <openssl/evp.h>
#include <unistd.h>

#include "streampark/base/base64.h"
#include "streampark/base/descriptor.h"
#include "streampark/base/files.h"
#include "streampark/objects/location.h"

namespace streampark::objects::s3 {
namespace {

namespace fs = std::filesystem;
using base::Error;
using base::ErrorCode;

constexpr std::size_t kMostParts = 9'000;        // a store takes 10,000
constexpr std::size_t kMostDeletions = 1'000;    // of one request
constexpr base::Millis kTidyingPatience{2'000};  // for tidying up

/// Which DeleteObjects must be sent; absent where this machine's policy has no MD5.
std::optional<std::string> ContentMd5(std::string_view body) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (EVP_Digest(body.data(), body.size(), digest, &size, EVP_md5(), nullptr) != 1) {
    return std::nullopt;
  }
  return base::ToBase64({reinterpret_cast<const char*>(digest), size}, base::Base64::kStandard);
}

base::Status WriteAll(int descriptor, std::string_view bytes, const fs::path& file) {
  while (!bytes.empty()) {
    const auto count = ::write(descriptor, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count < 0) {
      return base::FileError(errno, "cannot write", file);
    }
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return base::Ok();
}

base::Result<std::string> ReadAt(int descriptor, std::size_t offset, std::size_t length,
                                 const fs::path& file) {
  std::string bytes(length, '\0');
  std::size_t used = 0;
  while (used < length) {
    const auto count =
        ::pread(descriptor, bytes.data() + used, length - used, static_cast<off_t>(offset + used));
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count <= 0) {
      return base::FileError(count < 0 ? errno : EIO, "cannot read", file);
    }
    used += static_cast<std::size_t>(count);
  }
  return bytes;
}

}  // namespace

S3Folder::S3Folder(Setup setup, const base::Clock& clock)
    : setup_(std::move(setup)), client_(setup_.client, clock) {}

base::Result<std::string> S3Folder::KeyOf(std::string_view name) const {
  if (!IsObjectName(name)) {
    return Error(ErrorCode::kInvalidRequest, "'" + std::string(name) + "' is no object's name.");
  }
  return KeyPrefix() + std::string(name);
}

base::Status S3Folder::Put(std::string_view name, std::string_view bytes) {
  const std::string key = SP_TRY(KeyOf(name));
  if (bytes.size() > setup_.part_bytes) {
    return PutInParts(key, bytes.size(), [&](std::size_t offset, std::size_t length) {
      return base::Result<std::string>(std::string(bytes.substr(offset, length)));
    });
  }
  SP_TRY(client_.Send({.method = "PUT", .key = key, .body = bytes}, stop_.get_token()));
  return base::Ok();
}

base::Status S3Folder::PutNew(std::string_view name, std::string_view bytes) {
  const std::string key = SP_TRY(KeyOf(name));
  const S3Client::Request request{.method = "PUT",
                                  .key = key,
                                  .headers = {{"if-none-match", "*"}},
                                  .body = bytes,
                                  .expected = {412, 501}};
  const auto response = SP_TRY(client_.Send(request, stop_.get_token()));
  if (response.status / 100 == 2) {
    return base::Ok();
  }
  if (response.status == 501) {
    return Put(name, bytes);  // a store that knows no conditions, of which the claim has told
  }
  // It may be ours: the answer to an earlier try was lost.
  const auto there = Get(name);
  if (there.ok() && *there == bytes) {
    return base::Ok();
  }
  return Error(ErrorCode::kNameTaken, "Another process has written " + client_.NameOf(key) + ".");
}

base::Status S3Folder::PutFile(std::string_view name, const fs::path& from) {
  const std::string key = SP_TRY(KeyOf(name));
  {
    const std::lock_guard lock(mutex_);
    if (known_.contains(name)) {
      return base::Ok();
    }
  }
  const base::Descriptor file(::open(from.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.ok()) {
    return base::FileError(errno, "cannot open", from);
  }
  std::error_code failed;
  const auto size = static_cast<std::size_t>(fs::file_size(from, failed));
  if (failed) {
    return base::FileError(failed.value(), "cannot stat", from);
  }
  if (size > setup_.part_bytes) {
    SP_TRY(PutInParts(key, size, [&](std::size_t offset, std::size_t length) {
      return ReadAt(file.number(), offset, length, from);
    }));
  } else {
    const std::string bytes = SP_TRY(ReadAt(file.number(), 0, size, from));
    SP_TRY(client_.Send({.method = "PUT", .key = key, .body = bytes}, stop_.get_token()));
  }
  const std::lock_guard lock(mutex_);
  known_.emplace(name);
  return base::Ok();
}

base::Status S3Folder::PutInParts(const std::string& key, std::size_t size, const ReadPart& read) {
  const auto begun = SP_TRY(
      client_.Send({.method = "POST", .key = key, .query = {{"uploads", ""}}}, stop_.get_token()));
  const std::string upload = SP_TRY(ReadUploadId(begun.body));
  auto etags = SendParts(key, upload, size, read);
  auto done = etags.ok() ? CompleteUpload(key, upload, *etags) : base::Status(etags.error());
  if (!done.ok()) {
    Abort(key, upload);
  }
  return done;
}

// The body of the request that completes it.
base::Result<std::string> S3Folder::SendParts(const std::string& key, const std::string& upload,
                                              std::size_t size, const ReadPart& read) {
  const std::size_t part = std::max(setup_.part_bytes, size / kMostParts + 1);
  std::vector<std::string> etags;
  for (std::size_t offset = 0; offset < size; offset += part) {
    const std::string bytes = SP_TRY(read(offset, std::min(part, size - offset)));
    const S3Client::Request request{
        .method = "PUT",
        .key = key,
        .query = {{"partNumber", std::to_string(etags.size() + 1)}, {"uploadId", upload}},
        .body = bytes};
    const auto sent = SP_TRY(client_.Send(request, stop_.get_token()));
    etags.emplace_back(sent.header("etag"));
  }
  return CompletionXml(etags);
}

base::Status S3Folder::CompleteUpload(const std::string& key, const std::string& upload,
                                      const std::string& etags) {
  const S3Client::Request request{.method = "POST",
                                  .key = key,
                                  .query = {{"uploadId", upload}},
                                  .body = etags,
                                  .expected = {404}};
  const auto response = SP_TRY(client_.Send(request, stop_.get_token()));
  // A refusal may come with the status of success: the store begins to answer before it knows.
  const Refusal refusal = ReadRefusal(response.body);
  if (response.status / 100 == 2 && refusal.code.empty()) {
    return base::Ok();
  }
  if (refusal.code == "NoSuchUpload") {
    // Complete already, and the answer to that was lost? Then the object is there.
    const auto listed = SP_TRY(client_.Send(
        {.query = {{"list-type", "2"}, {"prefix", key}, {"max-keys", "1"}}}, stop_.get_token()));
    const auto listing = SP_TRY(ReadListing(listed.body));
    if (!listing.keys.empty() && listing.keys.front() == key) {
      return base::Ok();
    }
  }
  return Error(ErrorCode::kEngineError,
               "The parts of " + client_.NameOf(key) + " could not be put together.")
      .WithCause(refusal.code + ": " + refusal.message);
}

// What cannot be ended now is ended by whoever claims the folder next.
void S3Folder::Abort(const std::string& key, const std::string& upload) {
  static_cast<void>(client_.Send({.method = "DELETE",
                                  .key = key,
                                  .query = {{"uploadId", upload}},
                                  .expected = {404},
                                  .patience = kTidyingPatience},
                                 {}));
}

base::Status S3Folder::AbortLeftovers() {
  std::string key_marker, id_marker;
  while (true) {
    S3Client::Request request{.query = {{"uploads", ""}, {"prefix", KeyPrefix()}},
                              .expected = {403, 405, 501}};
    if (!key_marker.empty()) {
      request.query.emplace_back("key-marker", key_marker);
      request.query.emplace_back("upload-id-marker", id_marker);
    }
    const auto response = SP_TRY(client_.Send(request, stop_.get_token()));
    if (response.status != 200) {
      return base::
          Ok();  // a store without such a list, or who may not read it: its rules of expiry have to do
    }
    const auto uploads = SP_TRY(ReadUploads(response.body));
    for (const auto& upload : uploads.uploads) {
      if (upload.key.starts_with(KeyPrefix())) {
        Abort(upload.key, upload.id);
      }
    }
    if (!uploads.truncated || uploads.next_key.empty()) {
      return base::Ok();
    }
    key_marker = uploads.next_key;
    id_marker = uploads.next_id;
  }
}

base::Result<std::string> S3Folder::Get(std::string_view name) {
  const std::string key = SP_TRY(KeyOf(name));
  std::string bytes;
  SP_TRY(client_.Download(
      key,
      [&](std::string_view piece) {
        bytes.append(piece);
        return base::Ok();
      },
      stop_.get_token()));
  return bytes;
}

base::Status S3Folder::GetFile(std::string_view name, const fs::path& to) {
  const std::string key = SP_TRY(KeyOf(name));
  const base::Descriptor file(::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
  if (!file.ok()) {
    return base::FileError(errno, "cannot make", to);
  }
  return client_.Download(
      key, [&](std::string_view piece) { return WriteAll(file.number(), piece, to); },
      stop_.get_token());
}

base::Result<bool> S3Folder::Has(std::string_view name) {
  const std::string key = SP_TRY(KeyOf(name));
  {
    const std::lock_guard lock(mutex_);
    if (known_.contains(name)) {
      return true;
    }
  }
  const auto names = SP_TRY(List(name));
  return std::ranges::find(names, name) != names.end();
}

base::Result<std::vector<std::string>> S3Folder::List(std::string_view prefix) {
  std::vector<std::string> names;
  std::string next;
  do {
    S3Client::Request request{
        .query = {{"list-type", "2"}, {"prefix", KeyPrefix() + std::string(prefix)}}};
    if (!next.empty()) {
      request.query.emplace_back("continuation-token", next);
    }
    const auto response = SP_TRY(client_.Send(request, stop_.get_token()));
    auto listing = SP_TRY(ReadListing(response.body));
    for (auto& key : listing.keys) {
      if (key.size() > KeyPrefix().size() && key.starts_with(KeyPrefix())) {
        names.push_back(key.substr(KeyPrefix().size()));
      }
    }
    next = listing.next;
  } while (!next.empty());
  std::ranges::sort(names);
  const std::lock_guard lock(mutex_);
  known_.insert(names.begin(), names.end());
  return names;
}

base::Status S3Folder::Remove(const std::vector<std::string>& names) {
  {
    const std::lock_guard lock(mutex_);
    for (const auto& name : names) {
      known_.erase(name);
    }
  }
  std::vector<std::string> keys;
  for (const auto& name : names) {
    // Others make placeholders, which end in a slash.
    const auto whole =
        std::string_view(name).substr(0, name.size() - (name.ends_with('/') ? 1 : 0));
    keys.push_back(SP_TRY(KeyOf(whole)) + (whole.size() < name.size() ? "/" : ""));
    if (keys.size() == kMostDeletions) {
      SP_TRY(RemoveAtOnce(std::exchange(keys, {})));
    }
  }
  return keys.empty() ? base::Ok() : RemoveAtOnce(keys);
}

base::Status S3Folder::RemoveAtOnce(const std::vector<std::string>& keys) {
  if (keys.size() > 1) {
    const std::string body = DeletionXml(keys);
    if (const auto md5 = ContentMd5(body)) {
      const S3Client::Request request{.method = "POST",
                                      .query = {{"delete", ""}},
                                      .headers = {{"content-md5", *md5}},
                                      .body = body,
                                      .expected = {405, 501}};
      const auto response = SP_TRY(client_.Send(request, stop_.get_token()));
      if (response.status == 200) {
        const auto refused = SP_TRY(ReadDeleted(response.body));
        return refused ? base::Status(Error(ErrorCode::kEngineError,
                                            "Objects below " + client_.NameOf(setup_.prefix) +
                                                " could not be removed.")
                                          .WithCause(refused->code + ": " + refused->message))
                       : base::Ok();
      }
    }
  }
  for (const auto& key : keys) {
    SP_TRY(client_.Send({.method = "DELETE", .key = key, .expected = {404}}, stop_.get_token()));
  }
  return base::Ok();
}

base::Result<std::unique_ptr<FolderLease>> S3Folder::Claim() {
  auto lease =
      SP_TRY(FolderLease::Take(client_, KeyPrefix() + "_lock", setup_.lease, stop_.get_token()));
  SP_TRY(AbortLeftovers());
  return lease;
}

}  // namespace streampark::objects::s3
