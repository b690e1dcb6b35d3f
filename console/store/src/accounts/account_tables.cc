// SPDX-License-Identifier: Apache-2.0
#include "streampark/store/accounts/account_tables.h"

#include "streampark/console/names.h"

namespace streampark::store {
namespace {

using console::Membership;
using console::NameKey;
using console::Team;
using console::User;

constexpr std::string_view kEpochSetting = "accounts.epoch";

User UserOf(const Row& row) {
  User user;
  user.id = row.text(0);
  user.name = row.text(1);
  user.display_name = row.text(2);
  user.email = row.text(3);
  user.platform_admin = row.boolean(4);
  user.locked = row.boolean(5);
  user.password_change_required = row.boolean(6);
  user.created_at = row.time(7);
  user.last_sign_in_at = row.optional_time(8);
  user.version = row.integer(9);
  return user;
}

Team TeamOf(const Row& row) {
  return {.id = row.text(0),
          .name = row.text(1),
          .description = row.text(2),
          .created_at = row.time(3),
          .version = row.integer(4)};
}

Membership MembershipOf(const Row& row) {
  return {.team_id = row.text(0),
          .user_id = row.text(1),
          // What a later program wrote and this one does not know counts as the least.
          .role = console::ParseRole(row.view(2)).value_or(api::Role::kViewer),
          .since = row.time(3)};
}

base::Status Changed(base::Result<std::int64_t> rows) {
  SP_TRY(std::move(rows));
  return base::Ok();
}

/// `writer` is the database or a transaction's connection.
template <typename Writer>
base::Result<std::int64_t> Insert(Writer& writer, const User& user, std::string_view hash) {
  return writer.Execute(
      "INSERT INTO users (id, name, name_key, display_name, email, platform_admin, locked, "
      "password_hash, "
      "password_change_required, created_at, last_sign_in_at, version) VALUES (?, ?, ?, ?, ?, ?, "
      "?, ?, ?, ?, ?, ?)",
      user.id, user.name, NameKey(user.name), user.display_name, user.email, user.platform_admin,
      user.locked, hash, user.password_change_required, user.created_at, user.last_sign_in_at,
      user.version);
}

template <typename Writer>
base::Result<std::int64_t> Insert(Writer& writer, const Team& team) {
  return writer.Execute(
      "INSERT INTO teams (id, name, name_key, description, created_at, version) VALUES (?, ?, ?, "
      "?, ?, ?)",
      team.id, team.name, NameKey(team.name), team.description, team.created_at, team.version);
}

template <typename Writer>
base::Result<std::int64_t> Insert(Writer& writer, const Membership& membership) {
  return writer.Execute(
      "INSERT INTO memberships (team_id, user_id, role, since) VALUES (?, ?, ?, ?)",
      membership.team_id, membership.user_id, console::RoleName(membership.role), membership.since);
}

/// An update of a thing with a version hits one row, unless it is gone or was changed meanwhile.
base::Status ChangedOne(base::Result<std::int64_t> rows) {
  if (SP_TRY(std::move(rows)) == 0) {
    return base::Error(base::ErrorCode::kStaleEdit, "it was changed or deleted meanwhile");
  }
  return base::Ok();
}

}  // namespace

base::Result<console::AccountBook> AccountTables::Load() {
  Reader reader = SP_TRY(database_.Read());
  console::AccountBook book;
  book.users =
      SP_TRY(reader->Select("SELECT id, name, display_name, email, platform_admin, locked, "
                            "password_change_required, created_at, "
                            "last_sign_in_at, version FROM users",
                            UserOf));
  book.teams = SP_TRY(
      reader->Select("SELECT id, name, description, created_at, version FROM teams", TeamOf));
  book.memberships =
      SP_TRY(reader->Select("SELECT team_id, user_id, role, since FROM memberships", MembershipOf));
  return book;
}

base::Result<std::int64_t> AccountTables::Epoch() {
  Reader reader = SP_TRY(database_.Read());
  return SP_TRY(reader->SelectOne(
                    "SELECT CAST(content AS INTEGER) FROM settings WHERE name = ?",
                    [](const Row& row) { return row.integer(0); }, kEpochSetting))
      .value_or(0);
}

base::Status AccountTables::NoteForeignChange() {
  Transaction transaction = SP_TRY(database_.Begin());
  const std::int64_t changed = SP_TRY(transaction->Execute(
      "UPDATE settings SET content = CAST(content AS INTEGER) + 1 WHERE name = ?", kEpochSetting));
  if (changed == 0) {
    SP_TRY(transaction->Execute("INSERT INTO settings (name, content) VALUES (?, '1')",
                                kEpochSetting));
  }
  return transaction.Commit();
}

base::Status AccountTables::InsertUser(const User& user, std::string_view password_hash) {
  return Changed(Insert(database_, user, password_hash));
}

base::Status AccountTables::InsertFounder(const User& user, std::string_view password_hash,
                                          const Team& team, const Membership& membership) {
  Transaction transaction = SP_TRY(database_.Begin());
  SP_TRY(Insert(*transaction, user, password_hash));
  SP_TRY(Insert(*transaction, team));
  SP_TRY(Insert(*transaction, membership));
  return transaction.Commit();
}

base::Status AccountTables::UpdateUser(const User& user) {
  return ChangedOne(
      database_.Execute("UPDATE users SET name = ?, name_key = ?, display_name = ?, email = ?, "
                        "platform_admin = ?, locked = ?, "
                        "version = ? WHERE id = ? AND version = ?",
                        user.name, NameKey(user.name), user.display_name, user.email,
                        user.platform_admin, user.locked, user.version, user.id, user.version - 1));
}

base::Status AccountTables::DeleteUser(std::string_view id) {
  return Changed(database_.Execute("DELETE FROM users WHERE id = ?", id));
}

base::Result<std::optional<std::string>> AccountTables::PasswordHash(std::string_view user_id) {
  Reader reader = SP_TRY(database_.Read());
  return reader->SelectOne(
      "SELECT password_hash FROM users WHERE id = ?", [](const Row& row) { return row.text(0); },
      user_id);
}

base::Status AccountTables::SetPassword(std::string_view user_id, std::string_view hash,
                                        console::PasswordOrigin origin) {
  return ChangedOne(database_.Execute(
      "UPDATE users SET password_hash = ?, password_change_required = ? WHERE id = ?", hash,
      origin == console::PasswordOrigin::kGiven, user_id));
}

base::Status AccountTables::RecordSignIn(std::string_view user_id, base::Timestamp at) {
  return Changed(
      database_.Execute("UPDATE users SET last_sign_in_at = ? WHERE id = ?", at, user_id));
}

base::Status AccountTables::InsertTeam(const Team& team) {
  return Changed(Insert(database_, team));
}

base::Status AccountTables::UpdateTeam(const Team& team) {
  return ChangedOne(database_.Execute(
      "UPDATE teams SET name = ?, name_key = ?, description = ?, version = ? WHERE id = ? AND "
      "version = ?",
      team.name, NameKey(team.name), team.description, team.version, team.id, team.version - 1));
}

base::Status AccountTables::DeleteTeam(std::string_view id) {
  return Changed(database_.Execute("DELETE FROM teams WHERE id = ?", id));
}

base::Status AccountTables::PutMembership(const Membership& membership) {
  Transaction transaction = SP_TRY(database_.Begin());
  const std::string_view role = console::RoleName(membership.role);
  const std::int64_t changed = SP_TRY(
      transaction->Execute("UPDATE memberships SET role = ? WHERE team_id = ? AND user_id = ?",
                           role, membership.team_id, membership.user_id));
  if (changed == 0) {
    SP_TRY(Insert(*transaction, membership));
  }
  return transaction.Commit();
}

base::Status AccountTables::DeleteMembership(std::string_view team_id, std::string_view user_id) {
  return Changed(database_.Execute("DELETE FROM memberships WHERE team_id = ? AND user_id = ?",
                                   team_id, user_id));
}

}  // namespace streampark::store
