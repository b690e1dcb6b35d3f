// SPDX-License-Identifier: Apache-2.0
#include "streampark/server/admin.h"

#include <optional>
#include <system_error>

#include "accounts/accounts_slice.h"
#include "data_folder.h"

namespace streampark::server {
namespace {

/// The accounts of a data folder, opened beside a running console or in its place.
struct Office {
  base::SystemClock clock;
  base::SecureRandom random;
  base::UlidGenerator ids{clock, random};
  std::optional<base::FileLock> lock;  // absent: a console runs
  std::unique_ptr<store::Database> database;
  console::TeamBelongings belongings;
  console::EventBus events{"admin"};
  std::unique_ptr<AccountsSlice> slice;

  base::Status Open(const DataFolder& data) {
    auto taken = TakeDataFolder(data);
    if (taken.ok()) {
      lock = std::move(taken).value();
      database = SP_TRY(store::Database::Open(
          data.database(), {.backup_folder = data.backups(), .readers = 1}, clock));
    } else if (taken.error().code() == base::ErrorCode::kDataFolderInUse) {
      // Only the console brings the schema up to date.
      database = SP_TRY(store::Database::OpenExisting(data.database()));
    } else {
      return std::move(taken).error();
    }
    slice = SP_TRY(AccountsSlice::Make(*database, belongings, events, clock, random, ids));
    return lock ? slice->EnsureFirstUser(data.first_password()) : base::Ok();
  }

  base::Result<console::User> Find(const std::string& name) {
    auto user = slice->accounts().FindUser(name);
    if (!user) {
      return base::Error(base::ErrorCode::kNotFound, "there is no user '" + name + "'");
    }
    return *std::move(user);
  }
};

}  // namespace

base::Result<std::string> MakeAdminToken(const std::filesystem::path& data, const std::string& user,
                                         base::Millis expires_in) {
  Office office;
  SP_TRY(office.Open(DataFolder{data}));
  const console::User owner = SP_TRY(office.Find(user));
  return SP_TRY(office.slice->access().CreateTokenFor(owner, "admin token", expires_in)).secret;
}

base::Result<std::string> ResetPassword(const std::filesystem::path& data,
                                        const std::string& user) {
  const DataFolder folder{data};
  Office office;
  SP_TRY(office.Open(folder));
  console::User owner = SP_TRY(office.Find(user));
  if (owner.locked) {
    owner = SP_TRY(office.slice->accounts().UpdateUser(owner.id,
                                                       {.name = owner.name,
                                                        .display_name = owner.display_name,
                                                        .email = owner.email,
                                                        .platform_admin = owner.platform_admin,
                                                        .locked = false},
                                                       owner.version));
  }
  const auto reset = SP_TRY(office.slice->accounts().ResetPassword(owner.id));
  SP_TRY(office.slice->access().EndCredentialsOf(owner.id));
  SP_TRY(office.slice->tables().NoteForeignChange());
  if (owner.name == AccountsSlice::kFirstUser) {
    // What it holds is no longer the password.
    std::error_code ignored;
    std::filesystem::remove(folder.first_password(), ignored);
  }
  return reset.one_time_password;
}

}  // namespace streampark::server
