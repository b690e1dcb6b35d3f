// SPDX-License-Identifier: Apache-2.0
#include "streampark/base/json.h"
#include "streampark/store/accounts/account_tables.h"

namespace streampark::store {
namespace {

constexpr std::string_view kConsoleSettings = "console";

std::string TextOf(const console::Settings& settings) {
  const json::object text{{"version", settings.version},
                          {"sessionLifetimeMs", settings.session_lifetime.count()},
                          {"deletedJobsKeptMs", settings.deleted_jobs_kept.count()},
                          {"snapshotsKept", settings.snapshots_kept},
                          {"snapshotsKeptForMs", settings.snapshots_kept_for.count()},
                          {"mavenSettingsFile", settings.maven_settings_file},
                          {"agentLimit", settings.agent_limit},
                          {"agentMemoryMib", settings.agent_memory_mib}};
  return json::serialize(text);
}

/// What a row lacks keeps its default.
base::Result<console::Settings> SettingsOf(std::string_view text) {
  const json::value parsed = SP_TRY(json::Parse(text));
  console::Settings settings;
  if (const json::object* in = parsed.if_object()) {
    settings.version = json::IntegerOr(*in, "version", settings.version);
    settings.session_lifetime =
        base::Millis(json::IntegerOr(*in, "sessionLifetimeMs", settings.session_lifetime.count()));
    settings.deleted_jobs_kept =
        base::Millis(json::IntegerOr(*in, "deletedJobsKeptMs", settings.deleted_jobs_kept.count()));
    settings.snapshots_kept =
        static_cast<int>(json::IntegerOr(*in, "snapshotsKept", settings.snapshots_kept));
    settings.snapshots_kept_for = base::Millis(
        json::IntegerOr(*in, "snapshotsKeptForMs", settings.snapshots_kept_for.count()));
    settings.maven_settings_file = json::StringOr(*in, "mavenSettingsFile");
    settings.agent_limit =
        static_cast<int>(json::IntegerOr(*in, "agentLimit", settings.agent_limit));
    settings.agent_memory_mib =
        static_cast<int>(json::IntegerOr(*in, "agentMemoryMib", settings.agent_memory_mib));
  }
  return settings;
}

constexpr std::string_view kSelectSettings = "SELECT content FROM settings WHERE name = ?";

}  // namespace

base::Result<console::Settings> SettingsTable::Load() {
  Reader reader = SP_TRY(database_.Read());
  const auto text = SP_TRY(reader->SelectOne(
      kSelectSettings, [](const Row& row) { return row.text(0); }, kConsoleSettings));
  return text ? SettingsOf(*text) : base::Result<console::Settings>(console::Settings());
}

base::Status SettingsTable::Save(const console::Settings& settings) {
  Transaction transaction = SP_TRY(database_.Begin());
  const auto text = SP_TRY(transaction->SelectOne(
      kSelectSettings, [](const Row& row) { return row.text(0); }, kConsoleSettings));
  const console::Settings stored = text ? SP_TRY(SettingsOf(*text)) : console::Settings();
  if (stored.version != settings.version - 1) {
    return base::Error(base::ErrorCode::kStaleEdit, "the settings were changed meanwhile");
  }
  SP_TRY(transaction->Execute("DELETE FROM settings WHERE name = ?", kConsoleSettings));
  SP_TRY(transaction->Execute("INSERT INTO settings (name, content) VALUES (?, ?)",
                              kConsoleSettings, TextOf(settings)));
  return transaction.Commit();
}

}  // namespace streampark::store
