// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include "streampark/base/clock.h"
#include "streampark/base/result.h"

namespace streampark::server {

/// For whoever owns the data folder. Both work while a console runs on it, which takes notice
/// within two seconds; without a database yet they make it, with the first user.

/// A token of the user's with all of his rights. NOT_FOUND when there is no such user,
/// ILLEGAL_STATE when he is locked.
base::Result<std::string> MakeAdminToken(const std::filesystem::path& data, const std::string& user,
                                         base::Millis expires_in);
/// A new one-time password; all sessions of the user end and he is no longer locked.
base::Result<std::string> ResetPassword(const std::filesystem::path& data, const std::string& user);

}  // namespace streampark::server
