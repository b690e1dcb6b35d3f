// SPDX-License-Identifier: Apache-2.0
#include "streampark/console/operations/journal.h"

#include "streampark/base/error_text.h"
#include "streampark/base/log.h"

#include "operations/words.h"

namespace streampark::console {
namespace {

constexpr auto kEntryStates = MakeWords<JournalEntry::State>("OPEN", "DONE", "FAILED", "VOID");

/// Who looks for an effect and gets a strange answer knows as little as who gets none: to the caller
/// it must not look like an act that was refused.
base::Error NotTold(const base::Error& error) {
  if (IsOutcomeUnknown(error) || IsOfTheDisk(error)) {
    return error;
  }
  return base::Error(base::ErrorCode::kEngineTimeout,
                     "whether it was done cannot be seen: " + error.message())
      .WithCause(error.cause())
      .WithHint(error.hint());
}

}  // namespace

std::string_view ToString(JournalEntry::State state) { return kEntryStates[state]; }

void Outside::Report(std::string_view verb, std::string_view when) const {
  if (probe_) {
    probe_(std::string(verb).append(when));
  }
}

bool IsOutcomeUnknown(const base::Error& error) {
  switch (error.code()) {
    case base::ErrorCode::kClusterUnreachable:
    case base::ErrorCode::kEngineTimeout:
    case base::ErrorCode::kCancelled:
    case base::ErrorCode::kUnavailable:
      return true;
    default:
      return false;
  }
}

bool IsOfTheDisk(const base::Error& error) {
  return error.code() == base::ErrorCode::kStorageFailed ||
         error.code() == base::ErrorCode::kStorageFull;
}

base::Result<std::string> Journal::Perform(const Intent& intent, const Effect& effect) {
  const std::optional<JournalEntry> known =
      SP_TRY(store_.FindEntry(intent.operation_id, intent.step, intent.verb, intent.key));
  if (known && known->state == JournalEntry::State::kDone) {
    return known->outcome;
  }
  if (known && known->state == JournalEntry::State::kFailed) {
    return base::ErrorFromText(known->outcome)
        .value_or(base::Error(base::ErrorCode::kInternal, "the journal's outcome is unreadable"));
  }
  if (known && known->state == JournalEntry::State::kOpen) {
    const auto seen = outside_.Pass("OBSERVE_" + intent.verb, effect.observe);
    if (!seen.ok()) {
      return NotTold(seen.error());
    }
    if (*seen) {
      SP_TRY(CloseDone(*known, **seen));
      return **seen;
    }
    return ActAndClose(*known, effect);
  }
  return ActAndClose(SP_TRY(OpenEntry(intent)), effect);
}

base::Status Journal::Announce(const Intent& intent) {
  const std::optional<JournalEntry> known =
      SP_TRY(store_.FindEntry(intent.operation_id, intent.step, intent.verb, intent.key));
  if (known && known->state == JournalEntry::State::kOpen) {
    return base::Ok();
  }
  SP_TRY(OpenEntry(intent));
  return base::Ok();
}

base::Result<JournalEntry> Journal::OpenEntry(const Intent& intent) {
  JournalEntry entry{.id = ids_.Next(),
                     .operation_id = intent.operation_id,
                     .step = intent.step,
                     .verb = intent.verb,
                     .key = intent.key,
                     .intent = intent.detail,
                     .opened_at = clock_.Now()};
  outside_.Report("INTENT_" + intent.verb, ".before");
  SP_TRY(store_.Open(entry));
  outside_.Report("INTENT_" + intent.verb, ".after");
  return entry;
}

base::Result<std::string> Journal::ActAndClose(JournalEntry entry, const Effect& effect) {
  base::Result<std::string> acted = outside_.Pass(entry.verb, effect.act);
  if (acted.ok()) {
    SP_TRY(CloseDone(std::move(entry), *acted));
    return acted;
  }
  if (IsOutcomeUnknown(acted.error())) {
    base::LogWarn("outcome of an act is not known yet", {{"operation", entry.operation_id},
                                                         {"verb", entry.verb},
                                                         {"key", entry.key},
                                                         {"error", acted.error()}});
    return acted;
  }
  entry.state = JournalEntry::State::kFailed;
  entry.outcome = base::ErrorToText(acted.error());
  entry.closed_at = clock_.Now();
  SP_TRY(store_.Close(entry));
  return acted;
}

base::Status Journal::CloseDone(JournalEntry entry, const std::string& outcome) {
  entry.state = JournalEntry::State::kDone;
  entry.outcome = outcome;
  entry.closed_at = clock_.Now();
  outside_.Report("OUTCOME_" + entry.verb, ".before");
  SP_TRY(store_.Close(entry));
  outside_.Report("OUTCOME_" + entry.verb, ".after");
  return base::Ok();
}

base::Status Journal::Withdraw(const Intent& intent) {
  std::optional<JournalEntry> known =
      SP_TRY(store_.FindEntry(intent.operation_id, intent.step, intent.verb, intent.key));
  if (!known || known->state != JournalEntry::State::kOpen) {
    return base::Ok();
  }
  known->state = JournalEntry::State::kVoid;
  known->closed_at = clock_.Now();
  return store_.Close(*known);
}

}  // namespace streampark::console
