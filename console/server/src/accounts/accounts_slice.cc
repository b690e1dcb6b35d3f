// SPDX-License-Identifier: Apache-2.0
#include "accounts_slice.h"

#include <system_error>

#include "streampark/base/files.h"
#include "streampark/base/log.h"

namespace streampark::server {
namespace {

constexpr base::Millis kTick(1000);

}  // namespace

AccountsSlice::AccountsSlice(store::Database& database, const console::TeamBelongings& belongings,
                             console::EventBus& events, const base::Clock& clock,
                             base::Random& random, base::UlidGenerator& ids)
    : clock_(clock),
      ids_(ids),
      account_tables_(database),
      credential_tables_(database),
      audit_table_(database),
      settings_table_(database),
      passwords_(random),
      accounts_(account_tables_, passwords_, belongings, events, clock, random, ids),
      settings_(settings_table_),
      access_(credential_tables_, accounts_, settings_, events, clock, random, ids),
      authenticator_(access_) {}

AccountsSlice::~AccountsSlice() { Stop(); }

base::Result<std::unique_ptr<AccountsSlice>> AccountsSlice::Make(
    store::Database& database, const console::TeamBelongings& belongings, console::EventBus& events,
    const base::Clock& clock, base::Random& random, base::UlidGenerator& ids) {
  std::unique_ptr<AccountsSlice> slice(
      new AccountsSlice(database, belongings, events, clock, random, ids));
  SP_TRY(slice->settings_.Reload());
  SP_TRY(slice->accounts_.Reload());
  SP_TRY(slice->access_.Reload());
  return slice;
}

base::Status AccountsSlice::EnsureFirstUser(const std::filesystem::path& password_file) {
  accounts_.OnPasswordChosen([password_file](const console::User& user) {
    if (user.name == kFirstUser) {
      std::error_code ignored;
      std::filesystem::remove(password_file, ignored);
    }
  });
  if (!accounts_.snapshot()->users().empty()) {
    return base::Ok();
  }
  SP_TRY(accounts_.CreateFounder(
      kFirstUser, kFirstTeam, [&](std::string_view password) -> base::Status {
        base::Status written = base::WriteFileAtomically(
            password_file, std::string(password) + "\n", base::FileMode::kOwnerOnly);
        if (!written.ok()) {
          return std::move(written).error().Annotate("leaving the first user's password");
        }
        return base::Ok();
      }));
  base::LogInfo("first user created",
                {{"user", kFirstUser}, {"password_file", password_file.string()}});
  return base::Ok();
}

void AccountsSlice::Bind(http::Router& router) {
  http::RegisterAccountRoutes(router, {.accounts = accounts_,
                                       .access = access_,
                                       .settings = settings_,
                                       .audit = audit_table_,
                                       .clock = clock_,
                                       .ids = ids_});
}

base::Status AccountsSlice::Start() {
  ticker_ = std::jthread([this](const std::stop_token& stop) {
    std::unique_lock lock(ticker_mutex_);
    while (!stop.stop_requested()) {
      access_.Tick();
      ticker_wake_.wait_for(lock, stop, kTick, [] { return false; });
    }
  });
  return base::Ok();
}

void AccountsSlice::Stop() {
  ticker_.request_stop();
  if (ticker_.joinable()) {
    ticker_.join();
  }
}

}  // namespace streampark::server
