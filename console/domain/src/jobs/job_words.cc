// SPDX-License-Identifier: Apache-2.0
// The API's words for the enumerations of a job.
#include "streampark/console/jobs/job.h"
#include "streampark/console/jobs/job_command.h"

#include "operations/words.h"

namespace streampark::console {
namespace {

constexpr auto kDesired = MakeWords<DesiredState>("RUNNING", "SUSPENDED", "STOPPED", "DELETED");
constexpr auto kOutcomes = MakeWords<AttemptOutcome>("LIVE", "FINISHED", "FAILED", "STOPPED",
                                                     "SUSPENDED", "LOST", "NEVER_STARTED");
constexpr auto kReleases = MakeWords<Release::State>("RELEASING", "RELEASED", "FAILED");
constexpr auto kVerifications =
    MakeWords<Verification>("UNVERIFIED", "VERIFIED", "INVALID", "UNCONFIRMED");
constexpr auto kSnapshotKinds = MakeWords<engines::SnapshotKind>("SAVEPOINT", "CHECKPOINT");
constexpr auto kFormats = MakeWords<engines::SnapshotFormat>("CANONICAL", "NATIVE", "UNKNOWN");
constexpr auto kChoices = MakeWords<SavepointChoice>("YES", "NO", "DRAIN");
constexpr auto kSources = MakeWords<Restore::From>("LATEST", "SNAPSHOT", "PATH", "NOTHING");

}  // namespace

std::string_view ToString(DesiredState state) { return kDesired[state]; }
std::optional<DesiredState> ParseDesiredState(std::string_view text) {
  return kDesired.Parse(text);
}
std::string_view ToString(AttemptOutcome outcome) { return kOutcomes[outcome]; }
std::optional<AttemptOutcome> ParseAttemptOutcome(std::string_view text) {
  return kOutcomes.Parse(text);
}
std::string_view ToString(Release::State state) { return kReleases[state]; }
std::optional<Release::State> ParseReleaseState(std::string_view text) {
  return kReleases.Parse(text);
}
std::string_view ToString(Verification verification) { return kVerifications[verification]; }
std::optional<Verification> ParseVerification(std::string_view text) {
  return kVerifications.Parse(text);
}
std::string_view ToString(engines::SnapshotKind kind) { return kSnapshotKinds[kind]; }
std::string_view ToString(engines::SnapshotFormat format) { return kFormats[format]; }
std::optional<engines::SnapshotKind> ParseSnapshotKind(std::string_view text) {
  return kSnapshotKinds.Parse(text);
}
std::optional<engines::SnapshotFormat> ParseSnapshotFormat(std::string_view text) {
  return kFormats.Parse(text);
}
std::string_view ToString(SavepointChoice choice) { return kChoices[choice]; }
std::optional<SavepointChoice> ParseSavepointChoice(std::string_view text) {
  return kChoices.Parse(text);
}
std::string_view ToString(Restore::From from) { return kSources[from]; }
std::optional<Restore::From> ParseRestoreFrom(std::string_view text) {
  return kSources.Parse(text);
}

}  // namespace streampark::console
