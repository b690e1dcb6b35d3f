// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "streampark/base/result.h"

namespace streampark::base {

/// A user of the system that processes can be run as.
struct OsUser {
  std::string name;
  std::string home;
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;  // all of them
};

/// Absent when the system has no such user; IO_ERROR when it cannot say.
Result<std::optional<OsUser>> FindOsUser(const std::string& name);

/// Whether this process may start others as somebody else.
bool MaySwitchUser();

/// Ok when the user can read the file, or pass through the folder; IO_ERROR names the part of the
/// path that is closed to him. Only for a process that may switch user.
Status CheckReadableBy(const OsUser& user, const std::filesystem::path& path);

/// Makes the folder and all in it the user's, for him alone to enter. Follows no link, and leaves
/// alone what has several names: one of them may be a file of ours. Only for root.
Status GiveFolderTo(const OsUser& user, const std::filesystem::path& folder);

/// Makes a file the user's, without changing who may read it.
Status GiveFileTo(const OsUser& user, const std::filesystem::path& file);

}  // namespace streampark::base
