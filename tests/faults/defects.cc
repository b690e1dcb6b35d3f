// SPDX-License-Identifier: Apache-2.0
#include "defects.h"

#include <map>
#include <memory>
#include <utility>

namespace streampark::faults {
namespace {

using console::JournalEntry;
using store::testing::FakeDriver;

struct WithoutIntents final : store::OperationTable {
  using OperationTable::OperationTable;
  base::Status Open(const JournalEntry&) override { return base::Ok(); }
};

struct WithoutOutcomes final : store::OperationTable {
  using OperationTable::OperationTable;
  base::Status Close(const JournalEntry&) override { return base::Ok(); }
};

struct BlindToOpenIntents final : store::OperationTable {
  using OperationTable::OperationTable;
  base::Result<std::optional<JournalEntry>> FindEntry(std::string_view operation_id,
                                                      std::string_view step, std::string_view verb,
                                                      std::string_view key) override {
    auto entry = OperationTable::FindEntry(operation_id, step, verb, key);
    if (entry.ok() && *entry && (*entry)->state == JournalEntry::State::kOpen) {
      return std::optional<JournalEntry>();
    }
    return entry;
  }
};

struct ForgetsKeys final : store::JobTable {
  using JobTable::JobTable;
  base::Result<console::Operation> BeginOperation(const console::Operation& operation,
                                                  const console::JobChanges& changes) override {
    console::Operation nameless = operation;
    nameless.idempotency_key.clear();
    return JobTable::BeginOperation(nameless, changes);
  }
};

struct DeletesWhatIsHeld final : store::JobTable {
  using JobTable::JobTable;
  base::Result<std::vector<console::Snapshot>> ListSnapshotsInDeletion() override {
    return ListSnapshotsNamed("/");
  }
};

struct NotesNothing final : store::SqlFleetStore {
  using SqlFleetStore::SqlFleetStore;
  base::Status AddSuspended(const console::FleetSubject&) override { return base::Ok(); }
};

using Found = base::Result<std::optional<engines::JobObservation>>;

struct LooksAtWrongId final : FakeDriver {
  using FakeDriver::FakeDriver;
  Found Find(const engines::Endpoint& cluster, const std::string& id,
             std::stop_token stop) override {
    std::string other = id;
    other.back() = other.back() == '0' ? '1' : '0';
    return FakeDriver::Find(cluster, other, std::move(stop));
  }
};

struct Remembers final : FakeDriver {
  using FakeDriver::FakeDriver;
  Found Find(const engines::Endpoint& cluster, const std::string& id,
             std::stop_token stop) override {
    const auto known = seen_.find(id);
    if (known != seen_.end()) {
      return known->second;
    }
    Found found = FakeDriver::Find(cluster, id, std::move(stop));
    if (found.ok()) {
      seen_.emplace(id, *found);
    }
    return found;
  }

 private:
  std::map<std::string, std::optional<engines::JobObservation>> seen_;
};

class OtherTurns : public console::Turns {
 public:
  explicit OtherTurns(std::unique_ptr<Turns> real) : real_(std::move(real)) {}
  void Begin(const std::string& line, Turn turn) override { real_->Begin(line, std::move(turn)); }
  void Wake(std::string_view line) override { real_->Wake(line); }
  void Interrupt(std::string_view line) override { real_->Interrupt(line); }
  bool AwaitEnd(std::string_view line, base::Millis patience, std::stop_token stop) override {
    return real_->AwaitEnd(line, patience, std::move(stop));
  }
  void Stop() override { real_->Stop(); }

 protected:
  std::unique_ptr<Turns> real_;
};

struct DeafTurns final : OtherTurns {
  using OtherTurns::OtherTurns;
  void Wake(std::string_view) override {}
};

struct HastyTurns final : OtherTurns {
  using OtherTurns::OtherTurns;
  void Begin(const std::string& line, Turn turn) override {
    real_->Begin(line, [turn = std::move(turn)](const std::stop_token& stop) {
      const Due due = turn(stop);
      return due == kWhenWoken ? base::Millis(0) : due;
    });
  }
};

template <typename Part, typename From>
auto Make() {
  return [](From& from) { return std::make_unique<Part>(from); };
}

}  // namespace

std::string_view ToString(Defect defect) {
  constexpr std::string_view kNames[] = {
      "None",        "SkipIntent", "SkipOutcome",     "RetryWithoutLooking", "LookAtWrongId",
      "TrustMemory", "ForgetSync", "TakeSecondStart", "DeleteHeldSnapshot",  "ActOnSilence",
      "LoseWakeUp",  "Spin",       "MissProcesses",   "ForgetSuspended"};
  return kNames[static_cast<std::size_t>(defect)];
}

void PutIn(Defect defect, store::testing::VirtualTime& time, store::testing::LifeParts& parts) {
  switch (defect) {
    case Defect::kSkipIntent:
      parts.operations = Make<WithoutIntents, store::Database>();
      break;
    case Defect::kSkipOutcome:
      parts.operations = Make<WithoutOutcomes, store::Database>();
      break;
    case Defect::kRetryWithoutLooking:
      parts.operations = Make<BlindToOpenIntents, store::Database>();
      break;
    case Defect::kLookAtWrongId:
      parts.driver = Make<LooksAtWrongId, store::testing::FakeEngine>();
      break;
    case Defect::kTrustMemory:
      parts.driver = Make<Remembers, store::testing::FakeEngine>();
      break;
    case Defect::kTakeSecondStart:
      parts.jobs = Make<ForgetsKeys, store::Database>();
      break;
    case Defect::kDeleteHeldSnapshot:
      parts.jobs = Make<DeletesWhatIsHeld, store::Database>();
      break;
    case Defect::kLoseWakeUp:
      parts.turns = [real = time.turns()](int threads) {
        return std::make_unique<DeafTurns>(real(threads));
      };
      break;
    case Defect::kSpin:
      parts.turns = [real = time.turns()](int threads) {
        return std::make_unique<HastyTurns>(real(threads));
      };
      break;
    case Defect::kForgetSuspended:
      parts.fleet = Make<NotesNothing, store::Database>();
      break;
    case Defect::kNone:
    case Defect::kForgetSync:
    case Defect::kActOnSilence:
    case Defect::kMissProcesses:
      break;
  }
}

}  // namespace streampark::faults
