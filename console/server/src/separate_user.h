// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "streampark/base/os_user.h"
#include "streampark/base/result.h"
#include "streampark/server/serve.h"
#include "streampark/store/database.h"

#include "data_folder.h"

namespace streampark::server {

/// The system user that is looked for when none is named.
inline constexpr const char* kDefaultRunAs = "streampark";

/// Who runs what jobs bring along (engine processes and agents), so that it reads neither the
/// database nor the console's memory: the user named by --run-as; when none is named and the
/// console is root, the user `streampark` if the system has one; otherwise, absent, the console's
/// own.
///
/// CONFIG_INVALID when the named one does not exist, may not be switched to, or cannot reach what
/// he needs. What keeps the unnamed one from being used is logged.
base::Result<std::optional<base::OsUser>> ChooseSeparateUser(const ServeOptions& options,
                                                             const DataFolder& data,
                                                             store::Database& database);

/// Sets the modes of the data folder: with a user he may pass through it and owns the results, and
/// everything else stays closed to him; without one it is ours alone.
base::Status SetModes(const DataFolder& data, const std::optional<base::OsUser>& user);

/// The agent's jar where the user can read it: itself, or a copy in the data folder.
base::Result<std::filesystem::path> ReadableAgentJar(const ServeOptions& options,
                                                     const DataFolder& data,
                                                     const std::optional<base::OsUser>& user);

/// This very program where the user can execute it, with the library beside it that jobs may ask for:
/// itself, or a copy in the data folder.
base::Result<std::filesystem::path> ExecutableProgram(const DataFolder& data,
                                                      const std::optional<base::OsUser>& user);

}  // namespace streampark::server
