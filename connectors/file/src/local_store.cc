// SPDX-License-Identifier: Apache-2.0
#include <cerrno>
#include <filesystem>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "streampark/base/descriptor.h"
#include "streampark/base/files.h"

#include "file_pattern.h"
#include "file_store.h"

namespace streampark::connectors::file {
namespace {

namespace fs = std::filesystem;

using base::Descriptor;

class LocalInput final : public FileInput {
 public:
  LocalInput(Descriptor file, std::string path) : file_(std::move(file)), path_(std::move(path)) {}

  base::Result<std::size_t> ReadAt(std::int64_t offset, char* to, std::size_t room) override {
    for (;;) {
      const ssize_t count = ::pread(file_.number(), to, room, offset);
      if (count >= 0) {
        return static_cast<std::size_t>(count);
      }
      if (errno != EINTR) {
        return base::FileError(errno, "cannot read", path_);
      }
    }
  }
  base::Result<std::int64_t> Size() const override {
    struct stat status {};
    if (::fstat(file_.number(), &status) != 0) {
      return base::FileError(errno, "cannot stat", path_);
    }
    return static_cast<std::int64_t>(status.st_size);
  }

 private:
  Descriptor file_;
  std::string path_;
};

class LocalOutput final : public FileOutput {
 public:
  LocalOutput(Descriptor file, std::string path) : file_(std::move(file)), path_(std::move(path)) {}

  base::Status Write(std::string_view bytes) override {
    while (!bytes.empty()) {
      const ssize_t count = ::write(file_.number(), bytes.data(), bytes.size());
      if (count < 0 && errno != EINTR) {
        return base::FileError(errno, "cannot write", path_);
      }
      bytes.remove_prefix(count < 0 ? 0 : static_cast<std::size_t>(count));
    }
    return base::Ok();
  }
  base::Status Close() override {
    if (::fsync(file_.number()) != 0) {
      return base::FileError(errno, "cannot sync", path_);
    }
    if (::close(file_.Release()) != 0) {
      return base::FileError(errno, "cannot close", path_);
    }
    return base::Ok();
  }

 private:
  Descriptor file_;
  std::string path_;
};

/// Makes a folder and what it is in, each durable.
base::Status MakeFolders(const fs::path& folder, FileStore& store) {
  if (::mkdir(folder.c_str(), 0777) == 0) {
    return store.SyncFolder(folder.parent_path());
  }
  if (errno == ENOENT && folder.has_relative_path()) {
    SP_TRY(MakeFolders(folder.parent_path(), store));
    return MakeFolders(folder, store);
  }
  struct stat status {};
  if (errno == EEXIST && ::stat(folder.c_str(), &status) == 0 && S_ISDIR(status.st_mode)) {
    return base::Ok();
  }
  return base::FileError(errno == EEXIST ? ENOTDIR : errno, "cannot make the folder", folder);
}

class LocalStore final : public FileStore {
 public:
  base::Result<std::vector<Found>> List(const std::string& pattern, std::stop_token stop) override {
    return ListLocalFiles(pattern, std::move(stop));
  }

  base::Result<std::unique_ptr<FileInput>> Open(const std::string& path) override {
    Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.ok() && errno == ENOENT) {
      return base::Error(base::ErrorCode::kNotFound, "the file " + path + " is gone")
          .WithHint("put it back, or start without the state that says it is still to be read");
    }
    if (!file.ok()) {
      return base::FileError(errno, "cannot open", path);
    }
    return std::make_unique<LocalInput>(std::move(file), path);
  }

  base::Result<std::unique_ptr<FileOutput>> Create(const std::string& path) override {
    constexpr int kFlags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
    int number = ::open(path.c_str(), kFlags, 0666);
    if (number < 0 && errno == ENOENT) {
      SP_TRY(MakeFolders(fs::path(path).parent_path(), *this));
      number = ::open(path.c_str(), kFlags, 0666);
    }
    Descriptor file(number);
    if (!file.ok()) {
      return base::FileError(errno, "cannot create", path);
    }
    return std::make_unique<LocalOutput>(std::move(file), path);
  }

  base::Status SyncFolder(const std::string& folder) override {
    const Descriptor directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!directory.ok()) {
      return base::FileError(errno, "cannot open the folder", folder);
    }
    if (::fsync(directory.number()) != 0 && errno != EINVAL) {  // some file systems have none
      return base::FileError(errno, "cannot sync the folder", folder);
    }
    return base::Ok();
  }

  base::Result<Moved> Move(const std::string& from, const std::string& to) override {
    if (::rename(from.c_str(), to.c_str()) == 0) {
      return Moved::kMoved;
    }
    if (errno == ENOENT) {
      return Moved::kNotThere;
    }
    return base::FileError(errno, "cannot move a staged file to", to);
  }

  base::Result<bool> Exists(const std::string& path) override {
    if (::access(path.c_str(), F_OK) == 0) {
      return true;
    }
    if (errno == ENOENT || errno == ENOTDIR) {
      return false;
    }
    return base::FileError(errno, "cannot look for", path);
  }

  base::Result<std::vector<std::string>> Names(const std::string& folder) override {
    std::vector<std::string> names;
    std::error_code error;
    fs::directory_iterator at(folder, error);
    for (; !error && at != fs::directory_iterator(); at.increment(error)) {
      names.push_back(at->path().filename().string());
    }
    if (error && error != std::errc::no_such_file_or_directory) {
      return base::FileError(error.value(), "cannot list", folder);
    }
    return names;
  }

  base::Status Remove(const std::string& path) override {
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
      return base::FileError(errno, "cannot remove", path);
    }
    return base::Ok();
  }

  base::Status WriteNote(const std::string& path, std::string_view text) override {
    return base::WriteFileAtomically(path, text);
  }

  base::Result<std::optional<std::string>> ReadNote(const std::string& path) override {
    if (!SP_TRY(Exists(path))) {
      return std::optional<std::string>();
    }
    return std::optional(SP_TRY(base::ReadFile(path, 4096)));
  }
};

}  // namespace

std::shared_ptr<FileStore> MakeLocalStore() { return std::make_shared<LocalStore>(); }

}  // namespace streampark::connectors::file
