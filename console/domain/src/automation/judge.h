// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "streampark/base/clock.h"
#include "streampark/console/automation/decision.h"

/// What automation does about a job, as a function of facts: no clock, no store, no engine. The
/// first rule that fits decides:
///
///   rule       | when                                                  | decision
///   -----------+-------------------------------------------------------+----------------------------------
///   paused     | job, cluster or fleet is paused                       | NOTHING
///   in-flight  | an operation on job or cluster is under way, or its   | NOTHING: that comes first
///              | processes are being mended                            |
///   silent     | the cluster does not answer, however long             | NOTHING
///   fence      | not wanted running, and it runs                       | FENCE
///              | (what runs of an older attempt: older_attempts.h)     |
///   unwanted   | not wanted running                                    | NOTHING
///   standing   | quarantined or asked, and no person started it since  | NOTHING
///   never      | restart.attempts is 0                                 | NOTHING
///   hopeless   | the start was refused for what it is                  | ASK
///   no-state   | down or looping, has state, nothing to restore        | ASK
///   spent      | one more end than restart.attempts within the window  | QUARANTINE
///   ended      | failed, lost or not brought up                        | WAIT by back-off, then RESTART
///   loop       | restarts or checkpoints show a loop                   | RESTART once; again: QUARANTINE
///   stable     | healthy for long enough                               | NOTHING; the window ends
///   well       | anything else                                         | NOTHING
namespace streampark::console {

/// `restart` of a job's spec.
struct RestartPolicy {
  int attempts = 5;
  base::Millis first{10'000};
  base::Millis longest{300'000};
};
/// The wait before the n-th restart of a window, n from 1: doubles from the first to the longest.
base::Millis BackoffOf(const RestartPolicy& policy, int n);

/// How a job that is wanted running came to be down.
struct End {
  enum class Why {
    kEnded,     // failed or lost, or a start that could not be carried out now
    kHopeless,  // a start was refused for what it is: SQL, artifacts, options
    kNoChoice,  // a start found nothing that it may restore
  };
  std::string id;  // of the attempt, or of the operation that failed
  Why why = Why::kEnded;
};

struct JudgedFacts {
  base::Timestamp now;
  bool paused = false;
  bool in_flight = false;
  bool answers = true;      // the cluster of its newest attempt
  bool wanted = true;       // desired is RUNNING
  bool runs = false;        // the engine runs it
  std::optional<End> end;   // absent while it runs, and when it ended as somebody wished
  bool has_state = true;    // a start from nothing would lose something
  bool restorable = false;  // some snapshot may be restored; only asked when down or looping
  bool loops = false;
  /// Since when it has run without a restart and with a checkpoint completed; absent: it has not.
  std::optional<base::Timestamp> healthy_since;
  base::Millis stable_after{600'000};
  RestartPolicy policy;
  Recovery recovery;
  std::optional<Standing::Kind> standing;
};

struct Judgement {
  DecisionKind kind = DecisionKind::kNothing;
  std::string_view rule;
  Recovery recovery;  // as it is to become
  /// When the same facts would be judged otherwise, as far as time alone decides.
  std::optional<base::Timestamp> again;
};

Judgement Judge(const JudgedFacts& facts);

}  // namespace streampark::console
