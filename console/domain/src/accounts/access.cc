// SPDX-License-Identifier: Apache-2.0
#include "streampark/console/accounts/access.h"

#include <algorithm>

#include "streampark/base/digest.h"
#include "streampark/base/log.h"

namespace streampark::console {
namespace {

constexpr std::size_t kSecretBytes = 32;
constexpr std::string_view kTokenPrefix = "spk_";
constexpr std::size_t kShownOfToken = 10;
constexpr base::Millis kDefaultTokenLife(90LL * 86'400'000);
constexpr base::Millis kLongestTokenLife(3650LL * 86'400'000);
constexpr base::Millis kWriteUsesEvery(30'000);
constexpr base::Millis kRemoveExpiredEvery(600'000);
constexpr std::size_t kMostTokens = 100;

base::Error NotSignedIn() {
  return base::Error(base::ErrorCode::kUnauthenticated,
                     "the session or token is not valid, or not any longer")
      .WithHint("sign in anew");
}

}  // namespace

Access::Access(CredentialStore& store, Accounts& accounts, SettingsSource& settings,
               EventBus& events, const base::Clock& clock, base::Random& random,
               base::UlidGenerator& ids)
    : store_(store),
      accounts_(accounts),
      settings_(settings),
      events_(events),
      clock_(clock),
      random_(random),
      ids_(ids),
      limiter_(clock),
      uses_written_(clock.SteadyNow()),
      expired_removed_(clock.SteadyNow()) {}

base::Status Access::Reload() {
  std::int64_t seen = endings();
  auto sessions = SP_TRY(store_.LoadSessions());
  auto tokens = SP_TRY(store_.LoadTokens());
  std::unique_lock lock(mutex_);
  while (endings_ != seen) {
    // What was ended meanwhile may be among what was read.
    seen = endings_;
    lock.unlock();
    sessions = SP_TRY(store_.LoadSessions());
    tokens = SP_TRY(store_.LoadTokens());
    lock.lock();
  }
  const auto before = std::move(by_id_);
  by_id_.clear();
  by_digest_.clear();
  // Uses that are not written yet are carried over.
  const auto add = [&](Holder holder, const std::string& id, const std::string& digest) {
    auto shared = std::make_shared<Holder>(std::move(holder));
    if (const auto it = before.find(id); it != before.end()) {
      shared->used = it->second->used;
      shared->use_unwritten = it->second->use_unwritten;
    }
    by_id_[id] = shared;
    by_digest_[digest] = std::move(shared);
  };
  for (Session& session : sessions) {
    const std::string id = session.id;
    const std::string digest = session.digest;
    add({.session = std::move(session), .token = {}}, id, digest);
  }
  for (Token& token : tokens) {
    const std::string id = token.id;
    const std::string digest = token.digest;
    add({.session = {}, .token = std::move(token)}, id, digest);
  }
  return base::Ok();
}

void Access::Add(Holder holder) {
  const std::lock_guard lock(mutex_);
  Put(std::move(holder));
}

bool Access::AddFound(Holder holder, std::int64_t seen) {
  const std::lock_guard lock(mutex_);
  if (endings_ != seen) {
    return false;
  }
  Put(std::move(holder));
  return true;
}

void Access::Put(Holder holder) {
  const std::string id = holder.session ? holder.session->id : holder.token->id;
  const std::string digest = holder.session ? holder.session->digest : holder.token->digest;
  auto shared = std::make_shared<Holder>(std::move(holder));
  by_id_[id] = shared;
  by_digest_[digest] = std::move(shared);
}

std::int64_t Access::endings() const {
  const std::lock_guard lock(mutex_);
  return endings_;
}

void Access::ForgetIf(const std::function<bool(const Holder&)>& ended) {
  {
    const std::lock_guard lock(mutex_);
    ++endings_;
    std::erase_if(by_digest_, [&](const auto& item) { return ended(*item.second); });
    std::erase_if(by_id_, [&](const auto& item) { return ended(*item.second); });
  }
  events_.WakeAll();
}

std::shared_ptr<const Caller::Identity> Access::MakeIdentity(
    const Holder& holder, const AccountSnapshot& accounts) const {
  const std::string& user_id = holder.session ? holder.session->user_id : holder.token->user_id;
  const User* user = accounts.FindUser(user_id);
  if (user == nullptr || user->id != user_id || user->locked) {
    return nullptr;
  }
  auto identity = std::make_shared<Caller::Identity>();
  identity->user_id = user->id;
  identity->user_name = user->name;
  identity->rights = accounts.RightsOf(*user);
  if (holder.session) {
    identity->via = CallerVia::kWeb;
    identity->credential_id = holder.session->id;
    identity->csrf_token = holder.session->csrf_token;
    identity->password_change_required = user->password_change_required;
  } else {
    identity->via = CallerVia::kToken;
    identity->credential_id = holder.token->id;
    identity->rights.at_most = holder.token->role;
    identity->rights.only_teams = holder.token->team_ids;
    std::sort(identity->rights.only_teams.begin(), identity->rights.only_teams.end());
  }
  return identity;
}

Caller Access::CallerOf(Holder& holder) {
  const auto expires =
      holder.session ? std::optional(holder.session->expires_at) : holder.token->expires_at;
  if (expires && *expires <= clock_.Now()) {
    return Caller();
  }
  auto accounts = accounts_.snapshot();
  if (holder.made_of != accounts) {
    holder.identity = MakeIdentity(holder, *accounts);
    holder.made_of = std::move(accounts);
  }
  return holder.identity ? Caller(holder.identity) : Caller();
}

std::optional<Caller> Access::Recall(std::string_view secret, CallerVia via) {
  const std::string digest = base::Sha256Hex(secret);
  const std::lock_guard lock(mutex_);
  const auto it = by_digest_.find(digest);
  if (it == by_digest_.end()) {
    return std::nullopt;
  }
  Holder& holder = *it->second;
  // A token is no cookie, and a cookie no token.
  if (holder.session.has_value() != (via == CallerVia::kWeb)) {
    return Caller();
  }
  holder.used = clock_.SteadyNow();
  holder.use_unwritten = true;
  return CallerOf(holder);
}

std::optional<Caller> Access::RecallSession(std::string_view secret) {
  return Recall(secret, CallerVia::kWeb);
}
std::optional<Caller> Access::RecallToken(std::string_view secret) {
  return Recall(secret, CallerVia::kToken);
}

base::Result<Caller> Access::IdentifySession(std::string_view secret) {
  auto caller = RecallSession(secret);
  while (!caller) {
    const std::int64_t seen = endings();
    auto session = SP_TRY(store_.FindSession(base::Sha256Hex(secret)));
    if (!session) {
      break;
    }
    if (AddFound({.session = *std::move(session), .token = {}}, seen)) {
      caller = RecallSession(secret);
    }
  }
  if (!caller || caller->anonymous()) {
    return NotSignedIn();
  }
  return *caller;
}

base::Result<Caller> Access::IdentifyToken(std::string_view secret) {
  auto caller = RecallToken(secret);
  while (!caller) {
    const std::int64_t seen = endings();
    auto token = SP_TRY(store_.FindToken(base::Sha256Hex(secret)));
    if (!token) {
      break;
    }
    // Whoever made it may have made its user as well.
    SP_TRY(accounts_.ReloadIfChanged());
    if (AddFound({.session = {}, .token = *std::move(token)}, seen)) {
      caller = RecallToken(secret);
    }
  }
  if (!caller || caller->anonymous()) {
    return NotSignedIn();
  }
  return *caller;
}

Caller Access::Refresh(const Caller& caller) {
  if (caller.via() == CallerVia::kConsole) {
    return caller;
  }
  const std::lock_guard lock(mutex_);
  const auto it = by_id_.find(caller.credential_id());
  return it == by_id_.end() ? Caller() : CallerOf(*it->second);
}

base::Result<Access::SignedIn> Access::SignIn(std::string_view name, std::string_view password,
                                              std::string_view address,
                                              std::string_view user_agent) {
  SP_TRY(limiter_.Begin(name, address));
  const User user = SP_TRY(accounts_.CheckPassword(name, password));
  limiter_.Succeeded(name, address);
  SP_TRY(accounts_.RecordSignIn(user.id));
  constexpr std::size_t kKeptOfUserAgent = 300;
  SignedIn signed_in;
  signed_in.secret = base::RandomToken(random_, kSecretBytes);
  Session& session = signed_in.session;
  session.id = ids_.Next();
  session.digest = base::Sha256Hex(signed_in.secret);
  session.user_id = user.id;
  session.csrf_token = base::RandomToken(random_, kSecretBytes);
  session.created_at = clock_.Now();
  session.last_used_at = session.created_at;
  session.expires_at = session.created_at + settings_.Current()->session_lifetime;
  session.address = address;
  session.user_agent = user_agent.substr(0, kKeptOfUserAgent);
  SP_TRY(store_.InsertSession(session));
  Add({.session = session, .token = {}});
  signed_in.caller = SP_TRY(IdentifySession(signed_in.secret));
  return signed_in;
}

base::Status Access::EndSession(std::string_view id) {
  SP_TRY(store_.DeleteSession(id));
  ForgetIf([&](const Holder& holder) { return holder.session && holder.session->id == id; });
  return base::Ok();
}

base::Status Access::EndSessionsOf(std::string_view user_id, std::string_view kept) {
  SP_TRY(store_.DeleteSessionsOf(user_id, kept));
  ForgetIf([&](const Holder& holder) {
    return holder.session && holder.session->user_id == user_id && holder.session->id != kept;
  });
  return base::Ok();
}

base::Status Access::EndCredentialsOf(std::string_view user_id) {
  SP_TRY(store_.DeleteCredentialsOf(user_id));
  ForgetIf([&](const Holder& holder) {
    return (holder.session ? holder.session->user_id : holder.token->user_id) == user_id;
  });
  return base::Ok();
}

std::vector<Session> Access::SessionsOf(std::string_view user_id) const {
  std::vector<Session> sessions;
  const base::Timestamp now = clock_.Now();
  const base::SteadyTime steady_now = clock_.SteadyNow();
  const std::lock_guard lock(mutex_);
  for (const auto& [id, holder] : by_id_) {
    if (holder->session && holder->session->user_id == user_id &&
        holder->session->expires_at > now) {
      sessions.push_back(*holder->session);
      if (holder->use_unwritten) {
        sessions.back().last_used_at =
            now - std::chrono::duration_cast<base::Millis>(steady_now - holder->used);
      }
    }
  }
  std::sort(sessions.begin(), sessions.end(),
            [](const Session& a, const Session& b) { return a.last_used_at > b.last_used_at; });
  return sessions;
}

std::optional<Session> Access::FindSession(std::string_view id) const {
  const std::lock_guard lock(mutex_);
  const auto it = by_id_.find(std::string(id));
  return it == by_id_.end() ? std::nullopt : it->second->session;
}

base::Result<std::vector<std::string>> Access::ReachableTeams(
    const Caller& caller, const std::vector<std::string>& named) const {
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < named.size(); ++i) {
    const auto team = accounts_.FindTeam(named[i]);
    if (!team || !caller.Sees(team->id)) {
      return base::Error(base::ErrorCode::kValidationFailed, "there is no team '" + named[i] + "'")
          .WithField({"/teamIds/" + std::to_string(i), "does not exist", ""});
    }
    ids.push_back(team->id);
  }
  return ids;
}

base::Result<Access::CreatedToken> Access::CreateToken(const Caller& caller,
                                                       const TokenDraft& draft) {
  const Rights& rights = caller.identity().rights;
  if (caller.via() == CallerVia::kToken && (rights.at_most || !rights.only_teams.empty())) {
    return base::Error(base::ErrorCode::kForbidden, "a limited token cannot make tokens")
        .WithHint("sign in with a password, or use a token without limits");
  }
  if (TokensOf(caller.user_id()).size() >= kMostTokens) {
    return base::Error(base::ErrorCode::kIllegalState,
                       "there are " + std::to_string(kMostTokens) + " tokens already")
        .WithHint("revoke some that are not used");
  }
  const base::Millis life = draft.expires_in.value_or(kDefaultTokenLife);
  if (life.count() <= 0 || life > kLongestTokenLife) {
    return base::Error(base::ErrorCode::kValidationFailed, "a token lives for up to ten years")
        .WithField({"/expiresIn", "must be between 1s and 3650d", ""});
  }
  Token token;
  token.user_id = caller.user_id();
  token.name = draft.name;
  token.role = draft.role;
  token.team_ids = SP_TRY(ReachableTeams(caller, draft.team_ids));
  token.expires_at = clock_.Now() + life;
  return MakeToken(std::move(token));
}

base::Result<Access::CreatedToken> Access::CreateTokenFor(const User& user, std::string name,
                                                          base::Millis expires_in) {
  if (user.locked) {
    return base::Error(base::ErrorCode::kIllegalState, "the user '" + user.name + "' is locked");
  }
  Token token;
  token.user_id = user.id;
  token.name = std::move(name);
  token.expires_at = clock_.Now() + expires_in;
  return MakeToken(std::move(token));
}

base::Result<Access::CreatedToken> Access::MakeToken(Token token) {
  CreatedToken created;
  created.secret = std::string(kTokenPrefix) + base::RandomToken(random_, kSecretBytes);
  token.id = ids_.Next();
  token.digest = base::Sha256Hex(created.secret);
  token.prefix = created.secret.substr(0, kShownOfToken);
  token.created_at = clock_.Now();
  SP_TRY(store_.InsertToken(token));
  Add({.session = {}, .token = token});
  created.token = std::move(token);
  return created;
}

std::vector<Token> Access::TokensOf(std::string_view user_id) const {
  std::vector<Token> tokens;
  const base::Timestamp now = clock_.Now();
  const base::SteadyTime steady_now = clock_.SteadyNow();
  const std::lock_guard lock(mutex_);
  for (const auto& [id, holder] : by_id_) {
    if (holder->token && holder->token->user_id == user_id) {
      tokens.push_back(*holder->token);
      if (holder->use_unwritten) {
        tokens.back().last_used_at =
            now - std::chrono::duration_cast<base::Millis>(steady_now - holder->used);
      }
    }
  }
  std::sort(tokens.begin(), tokens.end(),
            [](const Token& a, const Token& b) { return a.id > b.id; });
  return tokens;
}

base::Status Access::RevokeToken(std::string_view user_id, std::string_view token_id) {
  const auto tokens = TokensOf(user_id);
  if (std::none_of(tokens.begin(), tokens.end(),
                   [&](const Token& token) { return token.id == token_id; })) {
    return base::Error(base::ErrorCode::kNotFound,
                       "there is no token '" + std::string(token_id) + "'");
  }
  SP_TRY(store_.DeleteToken(token_id));
  ForgetIf([&](const Holder& holder) { return holder.token && holder.token->id == token_id; });
  return base::Ok();
}

void Access::WriteUses() {
  std::vector<std::pair<std::string, base::Timestamp>> uses;
  const base::Timestamp now = clock_.Now();
  const base::SteadyTime steady_now = clock_.SteadyNow();
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, holder] : by_id_) {
      if (holder->use_unwritten) {
        holder->use_unwritten = false;
        const base::Timestamp used =
            now - std::chrono::duration_cast<base::Millis>(steady_now - holder->used);
        (holder->session ? holder->session->last_used_at : holder->token->last_used_at.emplace()) =
            used;
        uses.emplace_back(id, used);
      }
    }
  }
  if (!uses.empty()) {
    if (const base::Status written = store_.RecordUse(uses); !written.ok()) {
      base::LogWarn("times of last use not written", {{"error", written.error()}});
    }
  }
}

void Access::Tick() {
  const auto changed = accounts_.ReloadIfChanged();
  base::Status status = changed.ok() ? base::Ok() : base::Status(changed.error());
  if (changed.ok() && *changed) {
    status = Reload();
    events_.WakeAll();
  }
  const base::SteadyTime now = clock_.SteadyNow();
  if (now - uses_written_ >= kWriteUsesEvery) {
    uses_written_ = now;
    WriteUses();
  }
  if (status.ok() && now - expired_removed_ >= kRemoveExpiredEvery) {
    expired_removed_ = now;
    const base::Timestamp time = clock_.Now();
    status = store_.DeleteExpired(time);
    ForgetIf([&](const Holder& holder) {
      const auto expires =
          holder.session ? std::optional(holder.session->expires_at) : holder.token->expires_at;
      return expires && *expires <= time;
    });
  }
  if (!status.ok()) {
    base::LogWarn("accounts not brought up to date", {{"error", status.error()}});
  }
}

}  // namespace streampark::console
