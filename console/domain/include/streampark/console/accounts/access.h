// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "streampark/console/accounts/account_store.h"
#include "streampark/console/accounts/accounts.h"
#include "streampark/console/accounts/settings.h"
#include "streampark/console/accounts/sign_in_limiter.h"

namespace streampark::console {

/// What a token may do and for how long.
struct TokenDraft {
  std::string name;
  std::vector<std::string> team_ids;  // ids or names
  std::optional<api::Role> role;
  std::optional<base::Millis> expires_in;  // absent: 90 days
};

/// Sessions and tokens: who is behind a secret. Everything is held in memory by the secret's
/// digest; what another process has added is found in the store. Rights are those of this moment: a
/// locked or removed user is nobody at once. Thread-safe.
class Access {
 public:
  struct SignedIn {
    std::string secret;  // for the cookie; nowhere else
    Session session;
    Caller caller;
  };
  struct CreatedToken {
    std::string secret;  // shown once
    Token token;
  };

  Access(CredentialStore& store, Accounts& accounts, SettingsSource& settings, EventBus& events,
         const base::Clock& clock, base::Random& random, base::UlidGenerator& ids);

  /// Reads sessions and tokens from the store.
  base::Status Reload();

  /// RATE_LIMITED, BAD_CREDENTIALS.
  base::Result<SignedIn> SignIn(std::string_view name, std::string_view password,
                                std::string_view address, std::string_view user_agent);
  base::Status EndSession(std::string_view id);
  /// All but the one with the id `kept`.
  base::Status EndSessionsOf(std::string_view user_id, std::string_view kept = {});
  std::vector<Session> SessionsOf(std::string_view user_id) const;
  std::optional<Session> FindSession(std::string_view id) const;

  /// Never more than the caller's own rights. INVALID_REQUEST for a token made with a token: what
  /// is limited must not make what is less so.
  /// Sessions and tokens: what a reset password must end, since somebody else may hold them.
  base::Status EndCredentialsOf(std::string_view user_id);
  base::Result<CreatedToken> CreateToken(const Caller& caller, const TokenDraft& draft);
  /// For the console's owner: a token with all rights of the user.
  base::Result<CreatedToken> CreateTokenFor(const User& user, std::string name,
                                            base::Millis expires_in);
  std::vector<Token> TokensOf(std::string_view user_id) const;
  /// NOT_FOUND unless it is the user's.
  base::Status RevokeToken(std::string_view user_id, std::string_view token_id);

  /// From memory. Absent when it is not known there.
  std::optional<Caller> RecallSession(std::string_view secret);
  std::optional<Caller> RecallToken(std::string_view secret);
  /// Asks the store too. UNAUTHENTICATED.
  base::Result<Caller> IdentifySession(std::string_view secret);
  base::Result<Caller> IdentifyToken(std::string_view secret);
  /// The rights of this moment; anonymous when the session or token has ended.
  Caller Refresh(const Caller& caller);

  /// Once a second: takes notice of other processes' changes and, now and then, writes times of
  /// last use and forgets what has expired.
  void Tick();

 private:
  /// A credential with the identity that was last made of it.
  struct Holder {
    std::optional<Session> session;
    std::optional<Token> token;
    base::SteadyTime used{};
    bool use_unwritten = false;
    std::shared_ptr<const AccountSnapshot> made_of;
    std::shared_ptr<const Caller::Identity> identity;
  };

  std::optional<Caller> Recall(std::string_view secret, CallerVia via);
  /// With mutex_ held; anonymous when expired or the user may not act.
  Caller CallerOf(Holder& holder);
  std::shared_ptr<const Caller::Identity> MakeIdentity(const Holder& holder,
                                                       const AccountSnapshot& accounts) const;
  void Add(Holder holder);
  void Put(Holder holder);  // with mutex_ held
  /// Takes over what was read from the store since `endings()` was `seen`; false when something was
  /// ended meanwhile, which may be that very credential: read it again.
  bool AddFound(Holder holder, std::int64_t seen);
  std::int64_t endings() const;
  void ForgetIf(const std::function<bool(const Holder&)>& ended);
  base::Result<CreatedToken> MakeToken(Token token);
  base::Result<std::vector<std::string>> ReachableTeams(
      const Caller& caller, const std::vector<std::string>& named) const;
  void WriteUses();

  CredentialStore& store_;
  Accounts& accounts_;
  SettingsSource& settings_;
  EventBus& events_;
  const base::Clock& clock_;
  base::Random& random_;
  base::UlidGenerator& ids_;
  SignInLimiter limiter_;
  mutable std::mutex mutex_;
  std::int64_t endings_ = 0;  // counts what ForgetIf() was told
  std::unordered_map<std::string, std::shared_ptr<Holder>> by_digest_;
  std::unordered_map<std::string, std::shared_ptr<Holder>> by_id_;
  base::SteadyTime uses_written_{};
  base::SteadyTime expired_removed_{};
};

}  // namespace streampark::console
