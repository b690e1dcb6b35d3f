// SPDX-License-Identifier: Apache-2.0
#include "separate_user.h"

#include <algorithm>
#include <cerrno>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <sys/stat.h>
#include <unistd.h>

#include "streampark/base/files.h"
#include "streampark/base/log.h"

namespace streampark::server {
namespace {

namespace fs = std::filesystem;

base::Status SetMode(const fs::path& path, mode_t mode) {
  if (::chmod(path.c_str(), mode) == 0 || errno == ENOENT) {
    return base::Ok();
  }
  if (errno == EPERM) {
    base::LogWarn("others may be able to read a folder that is somebody else's",
                  {{"folder", path.string()}});
    return base::Ok();
  }
  return base::FileError(errno, "cannot set the mode of", path);
}

base::Status MakeFolder(const fs::path& folder, mode_t mode) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) {
    return base::FileError(error.value(), "cannot make", folder);
  }
  return SetMode(folder, mode);
}

base::Result<fs::path> CopyInto(const fs::path& folder, const fs::path& file, mode_t mode) {
  SP_TRY(MakeFolder(folder, 0711));
  const fs::path copy = folder / file.filename();
  const std::string content = SP_TRY(base::ReadFile(file, 1024U << 20U));
  SP_TRY(base::WriteFileAtomically(copy, content));
  SP_TRY(SetMode(copy, mode));
  return fs::absolute(copy);
}

/// Whether it is a library that the program loads when a job asks for it, or one that such a library needs.
bool IsLoadedByJobs(const std::string& name) {
  constexpr std::string_view kNames[] = {"libstreampark_state_rocksdb.",
                                         "libstreampark_objects_s3.", "libstreampark_parquet.",
                                         "libparquet.", "libarrow."};
  return std::ranges::any_of(kNames,
                             [&](std::string_view known) { return name.starts_with(known); });
}

/// Why the user could not run clusters and agents; ok when he can.
base::Status CheckReach(const base::OsUser& user, const DataFolder& data,
                        store::Database& database) {
  // The folder itself is opened to him when he is used.
  SP_TRY(base::CheckReadableBy(user, fs::absolute(data.root).parent_path()));
  store::Reader reader = SP_TRY(database.Read());
  const auto homes =
      SP_TRY(reader->Select("SELECT home FROM installations WHERE state = 'READY'",
                            [](const store::Row& row) { return fs::path(row.text(0)); }));
  const fs::path own = fs::absolute(data.installations());
  for (const fs::path& home : homes) {
    const bool is_own = fs::absolute(home).parent_path() == own;
    std::error_code ignored;
    if (!is_own && fs::exists(home, ignored)) {
      SP_TRY(base::CheckReadableBy(user, home / "lib"));
    }
  }
  return base::Ok();
}

base::Result<std::optional<base::OsUser>> Named(const ServeOptions& options, const DataFolder& data,
                                                store::Database& database) {
  auto user = SP_TRY(base::FindOsUser(options.run_as));
  if (!user) {
    return base::Error(base::ErrorCode::kConfigInvalid,
                       "--run-as: the system has no user '" + options.run_as + "'")
        .WithHint("make one: useradd --system --no-create-home " + options.run_as);
  }
  if (user->uid == ::geteuid()) {
    return std::optional<base::OsUser>();  // as ourselves
  }
  if (!base::MaySwitchUser()) {
    return base::Error(base::ErrorCode::kConfigInvalid,
                       "--run-as: only a console of root can run jobs as another user");
  }
  if (const base::Status reach = CheckReach(*user, data, database); !reach.ok()) {
    return base::Error(base::ErrorCode::kConfigInvalid, "--run-as: " + reach.error().message())
        .WithHint(
            "keep the data folder and engine versions where that user can go, such as /var/lib");
  }
  return user;
}

}  // namespace

base::Result<std::optional<base::OsUser>> ChooseSeparateUser(const ServeOptions& options,
                                                             const DataFolder& data,
                                                             store::Database& database) {
  if (!options.run_as.empty()) {
    return Named(options, data, database);
  }
  if (!base::MaySwitchUser()) {
    return std::optional<base::OsUser>();
  }
  const auto without = [](std::string_view why) {
    base::LogWarn("jobs run as root and can read what the console keeps", {{"reason", why}});
    return std::optional<base::OsUser>();
  };
  auto user = SP_TRY(base::FindOsUser(kDefaultRunAs));
  if (!user) {
    return without("there is no system user 'streampark', and --run-as names none");
  }
  if (const base::Status reach = CheckReach(*user, data, database); !reach.ok()) {
    return without(reach.error().message());
  }
  return user;
}

base::Status SetModes(const DataFolder& data, const std::optional<base::OsUser>& user) {
  constexpr mode_t kOurs = 0700;
  constexpr mode_t kPassage = 0711;  // who knows a name below may go to it, nobody may list
  SP_TRY(MakeFolder(data.results(), kOurs));
  for (const fs::path& folder : {data.logs(), data.spool(), data.backups()}) {
    SP_TRY(SetMode(folder, kOurs));
  }
  for (const fs::path& folder : {data.artifacts(), data.clusters(), data.installations()}) {
    SP_TRY(MakeFolder(folder, kPassage));
  }
  // What was described when a console died.
  std::error_code ignored;
  fs::remove_all(data.descriptions(), ignored);
  SP_TRY(MakeFolder(data.descriptions(), kPassage));
  if (user) {
    SP_TRY(base::GiveFolderTo(*user, data.results()));
  }
  return SetMode(data.root, user ? kPassage : kOurs);
}

base::Result<fs::path> ReadableAgentJar(const ServeOptions& options, const DataFolder& data,
                                        const std::optional<base::OsUser>& user) {
  if (!user || options.agent_jar.empty() || base::CheckReadableBy(*user, options.agent_jar).ok()) {
    return options.agent_jar;
  }
  return CopyInto(data.root / "agent", options.agent_jar, 0644);
}

base::Result<fs::path> ExecutableProgram(const DataFolder& data,
                                         const std::optional<base::OsUser>& user) {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  if (error) {
    return base::FileError(error.value(), "cannot read", "/proc/self/exe");
  }
  if (!user || base::CheckReadableBy(*user, program).ok()) {
    return program;
  }
  const fs::path folder = program.parent_path();
  for (const fs::path& libraries : {folder, folder.parent_path() / "lib"}) {
    for (const auto& library : fs::directory_iterator(libraries, error)) {
      if (IsLoadedByJobs(library.path().filename().string())) {
        SP_TRY(CopyInto(data.programs(), library.path(), 0644));
      }
    }
  }
  return CopyInto(data.programs(), program, 0755);
}

}  // namespace streampark::server
