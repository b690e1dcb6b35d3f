// SPDX-License-Identifier: Apache-2.0
#include "streampark/objects/open_folder.h"

#include <atomic>
#include <cstdlib>
#include <utility>

#include "streampark/connectors/abi/library.h"
#include "streampark/connectors/abi/passing.h"
#include "streampark/objects/local_folder.h"
#include "streampark/objects/object_folder_abi.h"

namespace streampark::objects {
namespace {

namespace fs = std::filesystem;
using namespace connectors::abi;

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

void Fill(std::string& text, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    if (text.empty()) {
      text = Environment(name);
    }
  }
}

class LoadedClaim final : public FolderClaim {
 public:
  SpObjectClaim* get() { return claim_.get(); }
  /// Once it is filled.
  void TakeOver() {
    tag_ = Text(claim_->tag);
    weakness_ = Text(claim_->weakness);
    has_mark_ = claim_->has_mark == 1;
    marked_ = claim_->marked;
  }
  base::Status Confirm() override { return Ask(claim_->confirm, claim_.get()); }
  base::Status Mark(std::uint64_t mark) override {
    SP_TRY(Ask(claim_->mark, claim_.get(), mark));
    marked_ = mark;
    has_mark_ = true;
    return base::Ok();
  }
  std::optional<std::uint64_t> mark() const override {
    return has_mark_ ? std::optional(marked_.load()) : std::nullopt;
  }
  const std::string& tag() const override { return tag_; }
  const std::string& weakness() const override { return weakness_; }

 private:
  Owned<SpObjectClaim> claim_;
  std::string tag_, weakness_;
  std::atomic<bool> has_mark_ = false;
  std::atomic<std::uint64_t> marked_ = 0;
};

class LoadedFolder final : public ObjectFolder {
 public:
  LoadedFolder(Owned<SpObjectFolder> folder, std::stop_token stop)
      : folder_(std::move(folder)), stopped_(std::move(stop), Cancel{folder_.get()}) {}

  base::Status Put(std::string_view name, std::string_view bytes) override {
    return Ask(folder_->put, folder_.get(), Slice(name), Slice(bytes));
  }
  base::Status PutNew(std::string_view name, std::string_view bytes) override {
    return Ask(folder_->put_new, folder_.get(), Slice(name), Slice(bytes));
  }
  base::Status PutFile(std::string_view name, const fs::path& from) override {
    return Ask(folder_->put_file, folder_.get(), Slice(name), Slice(from.native()));
  }
  base::Status Settle() override { return base::Ok(); }  // each is durable when it is there
  base::Result<std::string> Get(std::string_view name) override {
    Owned<SpText> bytes;
    SP_TRY(Ask(folder_->get, folder_.get(), Slice(name), bytes.get()));
    return Text(bytes->text);
  }
  base::Result<fs::path> AsFile(std::string_view name, const fs::path& scratch) override {
    // Names have parts, and files are in one folder.
    std::string flat(name);
    for (char& c : flat) {
      c = c == '/' ? '_' : c;
    }
    fs::path file = scratch / flat;
    std::error_code ignored;
    fs::create_directories(scratch, ignored);
    fs::remove(file, ignored);
    SP_TRY(Ask(folder_->get_file, folder_.get(), Slice(name), Slice(file.native())));
    return file;
  }
  base::Result<bool> Has(std::string_view name) override {
    std::int32_t found = 0;
    SP_TRY(Ask(folder_->has, folder_.get(), Slice(name), &found));
    return found == 1;
  }
  base::Result<std::vector<std::string>> List(std::string_view prefix) override {
    Owned<SpText> listed;
    SP_TRY(Ask(folder_->list, folder_.get(), Slice(prefix), listed.get()));
    std::vector<std::string> names;
    auto rest = View(listed->text);
    for (auto end = rest.find('\n'); end != std::string_view::npos; end = rest.find('\n')) {
      names.emplace_back(rest.substr(0, end));
      rest.remove_prefix(end + 1);
    }
    return names;
  }
  base::Status Remove(const std::vector<std::string>& names) override {
    const auto passed = PassAll(names);
    return Ask(folder_->remove, folder_.get(), passed.data(), passed.size());
  }
  base::Result<std::unique_ptr<FolderClaim>> Claim() override {
    auto claim = std::make_unique<LoadedClaim>();
    SP_TRY(Ask(folder_->claim, folder_.get(), claim->get()));
    claim->TakeOver();
    return base::Result<std::unique_ptr<FolderClaim>>(std::move(claim));
  }

 private:
  struct Cancel {
    SpObjectFolder* folder;
    void operator()() const { folder->cancel(folder); }
  };

  Owned<SpObjectFolder> folder_;
  const std::stop_callback<Cancel> stopped_;  // after what it calls
};

base::Error WrongOptions(std::string message, std::string hint) {
  return base::Error(base::ErrorCode::kValidationFailed, std::move(message))
      .WithHint(std::move(hint));
}

base::Status Check(const Location& location, const S3Options& options) {
  if (options.access_key_id.empty() || options.secret_access_key.empty()) {
    return WrongOptions(
        "There are no credentials for " + location.text() + ".",
        "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or native.s3.access-key-id "
        "and native.s3.secret-access-key");
  }
  if (!options.endpoint.empty()) {
    const auto scheme = options.endpoint.find("://");
    const auto name = options.endpoint.substr(0, scheme);
    const auto host =
        scheme == std::string::npos ? std::string() : options.endpoint.substr(scheme + 3);
    if ((name != "http" && name != "https") || host.empty() ||
        host.find_first_of("@?# ") != std::string::npos) {
      // It may hold what somebody took for a place to put a password.
      return WrongOptions("The endpoint of the store of " + location.text() + " is no address.",
                          "write http://HOST:PORT or https://HOST, without a name or password");
    }
  }
  if (options.library.empty()) {
    return WrongOptions(
        "Nothing says where the library is that reads and writes " + location.text() + ".",
        "`streampark run` knows; elsewhere set native.s3.library to "
        "libstreampark_objects_s3.so");
  }
  return base::Ok();
}

}  // namespace

S3Options WithEnvironment(S3Options options) {
  // Keys belong together: a token of the environment is none of another key.
  if (options.access_key_id.empty() && options.secret_access_key.empty()) {
    Fill(options.access_key_id, {"AWS_ACCESS_KEY_ID"});
    Fill(options.secret_access_key, {"AWS_SECRET_ACCESS_KEY"});
    Fill(options.session_token, {"AWS_SESSION_TOKEN"});
  }
  Fill(options.endpoint, {"AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"});
  Fill(options.region, {"AWS_REGION", "AWS_DEFAULT_REGION"});
  if (options.region.empty()) {
    options.region = "us-east-1";
  }
  if (options.ca_file.empty()) {
    options.ca_file = Environment("AWS_CA_BUNDLE");
  }
  return options;
}

fs::path S3Library() { return LibraryBesideProgram("libstreampark_objects_s3.so"); }

base::Result<std::unique_ptr<ObjectFolder>> OpenFolder(const Location& location,
                                                       const S3Options& options,
                                                       std::stop_token stop) {
  if (location.local()) {
    return MakeLocalFolder(location.folder());
  }
  SP_TRY(Check(location, options));
  const auto open = reinterpret_cast<SpObjectsFunction>(SP_TRY(FindInLibrary(
      options.library,
      {.name = "library of a store", .symbol = SP_OBJECTS_SYMBOL, .macro = SP_OBJECTS_SYMBOL})));
  const std::string bucket = location.bucket();
  const std::string prefix = location.prefix();
  std::string endpoint = options.endpoint;
  while (endpoint.ends_with('/')) {
    endpoint.pop_back();
  }
  const SpObjectSettings settings{
      .bucket = Slice(bucket),
      .prefix = Slice(prefix),
      .endpoint = Slice(endpoint),
      .region = Slice(options.region),
      .access_key_id = Slice(options.access_key_id),
      .secret_access_key = Slice(options.secret_access_key),
      .session_token = Slice(options.session_token),
      .ca_file = Slice(options.ca_file.native()),
      .path_style = static_cast<std::int32_t>(
          options.path_style.value_or(!endpoint.empty() || bucket.find('.') != std::string::npos)),
      .deadline_ms = options.deadline.count(),
      .patience_ms = options.patience.count(),
      .lease_ms = options.lease.count(),
      .part_bytes = options.part_bytes};
  SpObjectFolder made{};
  Owned<SpText> error;
  const auto answer = open(SP_OBJECTS_ABI_VERSION, &settings, &made, error.get());
  if (answer == SP_OK) {
    return std::unique_ptr<ObjectFolder>(
        std::make_unique<LoadedFolder>(Owned<SpObjectFolder>(made), std::move(stop)));
  }
  if (answer == SP_FAILED) {
    const std::string text = Text(error->text);
    return base::ErrorFromText(text).value_or(base::Error(base::ErrorCode::kInternal, text));
  }
  return base::Error(base::ErrorCode::kVersionMismatch, options.library.string() +
                                                            " does not speak version " +
                                                            std::to_string(SP_OBJECTS_ABI_VERSION) +
                                                            " of the contract of stores of objects")
      .WithHint("use the library of the StreamPark that the job was built with");
}

}  // namespace streampark::objects
