// SPDX-License-Identifier: Apache-2.0
#include "streampark/console/clusters/installation_service.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <mutex>
#include <set>
#include <shared_mutex>
#include <system_error>
#include <utility>

#include "streampark/base/digest.h"
#include "streampark/base/json.h"
#include "streampark/base/log.h"

#include "clusters/version_order.h"
#include "operations/operation_runner.h"

namespace streampark::console {
namespace {

namespace fs = std::filesystem;

/// Fetches at once: they are bound by the network and the disk.
constexpr int kWorkers = 2;
/// A download tells of itself oftener than anybody can read.
constexpr base::Millis kLeastBetweenShows{250};
/// Remembered: the state that it had before it was verified.
const std::string kBefore = "before";

base::Error NoSuchInstallation() {
  return base::Error(base::ErrorCode::kNotFound, "there is no such engine version");
}

std::string UpperCase(std::string_view text) {
  std::string upper(text);
  std::transform(upper.begin(), upper.end(), upper.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return upper;
}

/// Has the act that stands for several steps be at this one of them; whether it was not before.
bool Enter(Operation& operation, std::string_view name, base::Timestamp now) {
  const auto entered = std::find_if(operation.steps.begin(), operation.steps.end(),
                                    [&](const Step& step) { return step.name == name; });
  if (entered == operation.steps.end() || entered->state != StepState::kWaiting) {
    return false;
  }
  for (auto step = operation.steps.begin(); step != entered; ++step) {
    step->state = StepState::kSucceeded;
    step->started_at = step->started_at.value_or(now);
    step->finished_at = step->finished_at.value_or(now);
    step->done = step->total = std::nullopt;
  }
  entered->state = StepState::kRunning;
  entered->started_at = now;
  return true;
}

class Installations final : public InstallationService, private OperationKeeper {
 public:
  explicit Installations(Parts parts)
      : parts_(std::move(parts)),
        turns_(parts_.turns(kWorkers)),
        runner_(*this, parts_.operations.store(), parts_.clock, *turns_) {}

  ~Installations() override { Stop(); }

  base::Status LoadAll() {
    for (Installation& installation : SP_TRY(parts_.store.LoadInstallations())) {
      const OperationPage page = SP_TRY(
          parts_.operations.store().List(SubjectKind::kInstallation, installation.id, 1, ""));
      if (!page.items.empty()) {
        installation.operation = std::make_shared<const Operation>(page.items.front());
      }
      const std::string id = installation.id;
      all_[id] = std::make_shared<const Installation>(std::move(installation));
    }
    return base::Ok();
  }

  void Attach(Users users, Changed changed) override {
    users_ = std::move(users);
    changed_ = std::move(changed);
  }

  base::Status Start() override {
    std::set<std::string> continued;
    for (const Operation& open :
         SP_TRY(parts_.operations.store().ListOpen(SubjectKind::kInstallation))) {
      continued.insert(open.subject.id);
    }
    SP_TRY(runner_.TakeOpen(SubjectKind::kInstallation));
    for (const InstallationPtr& installation : List()) {
      if (continued.contains(installation->id)) {
        continue;
      }
      std::error_code error;
      if (installation->state == InstallationState::kReady &&
          !fs::is_directory(installation->home, error)) {
        SP_TRY(Change(installation->id, [](Installation& i) {
          i.state = InstallationState::kBroken;
          i.message = "its folder is gone: " + i.home;
        }));
      } else if (installation->state == InstallationState::kFetching) {
        // Written down, but its operation never was.
        SP_TRY(Change(installation->id, [](Installation& i) {
          i.state = InstallationState::kFailed;
          i.message = "the console ended before the download began; fetch it again";
        }));
      }
    }
    return base::Ok();
  }

  void Stop() override { turns_->Stop(); }

  // ---------------------------------------------------------------- directory

  InstallationPtr Find(std::string_view installation_id) const override {
    const std::shared_lock lock(reading_);
    const auto found = all_.find(installation_id);
    return found == all_.end() ? nullptr : found->second;
  }

  InstallationPtr BuiltIn(std::string_view engine) const override {
    for (const Installation& one : parts_.built_in) {
      if (one.engine == engine) {
        return std::make_shared<const Installation>(one);
      }
    }
    return nullptr;
  }

  InstallationPtr FindByLine(std::string_view line) const override {
    for (const InstallationPtr& installation : List()) {
      if (installation->line == line && installation->state == InstallationState::kReady) {
        return installation;
      }
    }
    return nullptr;
  }

  std::vector<InstallationPtr> List() const override {
    std::vector<InstallationPtr> installations;
    {
      const std::shared_lock lock(reading_);
      for (const auto& [id, installation] : all_) {
        installations.push_back(installation);
      }
    }
    std::stable_sort(installations.begin(), installations.end(),
                     [](const InstallationPtr& a, const InstallationPtr& b) {
                       return IsNewerVersion(a->version, b->version);
                     });
    return installations;
  }

  std::vector<std::string> UsedBy(std::string_view installation_id) const override {
    return users_ ? users_(installation_id) : std::vector<std::string>();
  }

  // ---------------------------------------------------------------- commands

  base::Result<InstallationPtr> Fetch(std::string_view version, const Requester& requester,
                                      std::string_view idempotency_key) override {
    if (LineOfVersion(version).empty() || version.find("..") != std::string_view::npos ||
        version.find('/') != std::string_view::npos) {
      return base::Error(base::ErrorCode::kValidationFailed,
                         "'" + std::string(version) + "' is not a version")
          .WithField({"/version", "not a version", "1.20.5, say"});
    }
    const std::lock_guard lock(commands_);
    for (const InstallationPtr& known : List()) {
      if (!known->fetched || known->version != version) {
        continue;
      }
      if (known->state == InstallationState::kFailed ||
          known->state == InstallationState::kBroken) {
        SP_TRY(Begin(*known, OperationKind::kFetch, requester, idempotency_key));
      }
      return Find(known->id);
    }
    Installation installation;
    installation.id = parts_.ids.Next();
    installation.version = version;
    installation.line = LineOfVersion(version);
    installation.home = parts_.folder / ("flink-" + std::string(version));
    installation.fetched = true;
    installation.state = InstallationState::kFetching;
    installation.created_at = parts_.clock.Now();
    SP_TRY(parts_.store.Save(installation));
    Put(installation);
    SP_TRY(Begin(installation, OperationKind::kFetch, requester, idempotency_key));
    return Find(installation.id);
  }

  base::Result<InstallationPtr> Register(const fs::path& home, std::stop_token stop) override {
    const auto refuse = [](std::string message, std::string hint) {
      return base::Error(base::ErrorCode::kInstallationInvalid, message)
          .WithHint(hint)
          .WithField({"/home", message, hint});
    };
    std::error_code error;
    if (!home.is_absolute()) {
      return refuse("'" + home.string() + "' is not an absolute path", "/opt/flink-1.20.5, say");
    }
    const fs::path real = fs::canonical(home, error);
    if (error || !fs::is_directory(real, error)) {
      return refuse("there is no folder " + home.string() + " on the console's machine", "");
    }
    for (const InstallationPtr& known : List()) {
      if (known->home == real.string()) {
        return known;
      }
    }
    auto inspected = parts_.engine.installations.Inspect(real, stop);
    if (!inspected.ok()) {
      return base::Error(inspected.error())
          .WithField({"/home", inspected.error().message(), inspected.error().hint()});
    }
    const std::lock_guard lock(commands_);
    for (const InstallationPtr& known : List()) {
      if (known->home == real.string()) {
        return known;
      }
    }
    Installation installation;
    installation.id = parts_.ids.Next();
    installation.home = real;
    installation.created_at = parts_.clock.Now();
    TakeOver(installation, *inspected);
    SP_TRY(parts_.store.Save(installation));
    Put(installation);
    return Find(installation.id);
  }

  base::Result<Operation> Command(std::string_view installation_id, OperationKind kind,
                                  const Requester& requester,
                                  std::string_view idempotency_key) override {
    const std::lock_guard lock(commands_);
    const InstallationPtr installation = Find(installation_id);
    if (!installation) {
      return NoSuchInstallation();
    }
    if (kind == OperationKind::kFetch && !installation->fetched) {
      return base::Error(base::ErrorCode::kIllegalState, "the console does not own these files")
          .WithHint("put them right where they are, then verify");
    }
    if (kind == OperationKind::kFetch && installation->state == InstallationState::kReady) {
      return base::Error(base::ErrorCode::kIllegalState, "it is there already");
    }
    if (kind == OperationKind::kVerify && installation->digest.empty()) {
      return base::Error(base::ErrorCode::kIllegalState,
                         "it was never complete, so there is nothing to compare with")
          .WithHint("fetch it again");
    }
    return Begin(*installation, kind, requester, idempotency_key);
  }

  base::Result<Operation> Cancel(std::string_view operation_id) override {
    return runner_.Cancel(operation_id);
  }

  base::Status Remove(std::string_view installation_id) override {
    const std::lock_guard lock(commands_);
    const InstallationPtr installation = Find(installation_id);
    if (!installation) {
      return NoSuchInstallation();
    }
    if (installation->operation && installation->operation->open()) {
      return base::Error(base::ErrorCode::kOperationInFlight, "an operation is under way")
          .WithRelatedId(installation->operation->id);
    }
    const std::vector<std::string> users = UsedBy(installation_id);
    if (!users.empty()) {
      return base::Error(base::ErrorCode::kInUse,
                         std::to_string(users.size()) +
                             (users.size() == 1 ? " cluster uses" : " clusters use") + " it")
          .WithHint("delete those clusters or give them another engine version")
          .WithRelatedId(users.front());
    }
    SP_TRY(parts_.store.Delete(installation_id));
    {
      const std::unique_lock reading(reading_);
      all_.erase(all_.find(installation_id));
    }
    parts_.listener.OnInstallationRemoved(*installation);
    // After the record: what is left of half-deleted files nobody takes for an installation.
    if (Owns(*installation)) {
      std::error_code error;
      fs::remove_all(installation->home, error);
      if (error) {
        base::LogWarn("files of a removed installation stay",
                      {{"home", installation->home}, {"error", error.message()}});
      }
    }
    Tell(std::string(installation_id));
    return base::Ok();
  }

  base::Result<std::vector<AvailableVersion>> ListAvailable(std::stop_token stop) override {
    std::vector<std::string> offered = SP_TRY(parts_.engine.installations.ListAvailable(stop));
    std::stable_sort(offered.begin(), offered.end(),
                     [](const auto& a, const auto& b) { return IsNewerVersion(a, b); });
    const std::vector<InstallationPtr> here = List();
    std::vector<AvailableVersion> versions;
    std::set<std::string> lines;
    std::set<std::string> majors;
    for (const std::string& version : offered) {
      AvailableVersion row{.version = version, .line = LineOfVersion(version)};
      // The newest of each major's newest line: what a newcomer should take.
      const bool newest_of_line = lines.insert(row.line).second;
      row.recommended =
          newest_of_line && majors.insert(row.line.substr(0, row.line.find('.'))).second;
      for (const InstallationPtr& installation : here) {
        if (installation->version == version) {
          row.installation_id = installation->id;
        }
      }
      versions.push_back(std::move(row));
    }
    return versions;
  }

 private:
  bool Owns(const Installation& installation) const {
    return installation.fetched && fs::path(installation.home).parent_path() == parts_.folder;
  }

  static void TakeOver(Installation& installation,
                       const engines::InstallationDriver::Inspection& seen) {
    installation.version = seen.version;
    installation.line = seen.line;
    installation.vendor = seen.vendor;
    installation.digest = seen.digest;
    installation.size_bytes = static_cast<std::int64_t>(seen.size_bytes);
    installation.state = InstallationState::kReady;
    installation.message.clear();
  }

  /// With commands_ held.
  base::Result<Operation> Begin(const Installation& installation, OperationKind kind,
                                const Requester& requester, std::string_view idempotency_key) {
    Operation operation;
    operation.id = parts_.ids.Next();
    operation.subject = {.kind = SubjectKind::kInstallation,
                         .id = installation.id,
                         .name = "Flink " + installation.version,
                         .team_id = ""};
    operation.kind = kind;
    operation.parameters =
        json::serialize(json::object{{"kind", ToString(kind)}, {"version", installation.version}});
    operation.requested_by = requester;
    operation.requested_at = parts_.clock.Now();
    operation.cancellable = true;
    if (kind == OperationKind::kFetch) {
      for (const char* step : {"DOWNLOAD", "UNPACK", "VERIFY", "INSPECT"}) {
        operation.steps.push_back({.name = step});
      }
    } else {
      operation.steps.push_back({.name = "INSPECT"});
    }
    operation.idempotency_key = idempotency_key;
    operation.request_digest = base::Sha256Hex(operation.parameters);
    Operation begun = SP_TRY(parts_.operations.Begin(operation));
    if (begun.id == operation.id) {
      Put(begun);
      runner_.Take(begun);
    }
    return begun;
  }

  // ---------------------------------------------------------------- the operations' steps

  /// The driver's own steps follow each other inside one act; each of them stands for it.
  std::vector<OperationStep> StepsOf(const Operation& operation) override {
    using Turn = base::Result<Next> (Installations::*)(OperationContext&);
    std::vector<OperationStep> steps;
    for (const std::string_view name : {"DOWNLOAD", "UNPACK", "VERIFY", "INSPECT"}) {
      const Turn turn = name != "INSPECT"                          ? &Installations::FetchAll
                        : operation.kind == OperationKind::kVerify ? &Installations::Compare
                                                                   : &Installations::Inspect;
      const bool has = std::any_of(operation.steps.begin(), operation.steps.end(),
                                   [&](const Step& step) { return step.name == name; });
      if (has) {
        steps.push_back(
            {.name = name,
             .run =
                 [this, name, turn](Operation& running, const std::stop_token& stop) {
                   OperationContext context(*this, parts_.clock, running, name, stop);
                   return (this->*turn)(context);
                 },
             .cancel = [](Operation&, const std::stop_token&) { return Next::Done(); }});
      }
    }
    return steps;
  }

  base::Result<Next> FetchAll(OperationContext& context) {
    Operation& operation = context.operation;
    const InstallationPtr installation = SP_TRY(Known(operation.subject.id));
    std::error_code error;
    if (installation->state == InstallationState::kBroken && Owns(*installation)) {
      fs::remove_all(installation->home, error);  // or the fetch would take it for finished
    }
    if (installation->state != InstallationState::kFetching || !installation->message.empty()) {
      SP_TRY(Change(installation->id, [](Installation& i) {
        i.state = InstallationState::kFetching;
        i.message.clear();
      }));
    }
    fs::create_directories(parts_.folder, error);
    base::SteadyTime shown_at{};
    const auto progress = [&](std::string_view word, std::int64_t done, std::int64_t total) {
      const std::string name = UpperCase(word);
      Step* step = operation.FindStep(name);
      if (step == nullptr || name == "INSPECT") {
        return;
      }
      const bool entered = Enter(operation, name, parts_.clock.Now());
      if (total > 0) {
        step->done = done;
        step->total = total;
      }
      if (entered || parts_.clock.SteadyNow() >= shown_at + kLeastBetweenShows) {
        shown_at = parts_.clock.SteadyNow();
        Show(operation);
      }
    };
    const Intent intent{.operation_id = operation.id,
                        .step = "DOWNLOAD",
                        .verb = "FETCH",
                        .key = installation->version};
    SP_TRY(parts_.journal.Perform(
        intent, {.observe = [&]() -> base::Result<std::optional<std::string>> {
                   auto seen =
                       parts_.engine.installations.Inspect(installation->home, context.stop);
                   return seen.ok() ? std::optional(seen->digest) : std::nullopt;
                 },
                 .act = [&]() -> base::Result<std::string> {
                   SP_TRY(parts_.engine.installations.Fetch(
                       installation->version, installation->home, progress, context.stop));
                   return installation->version;
                 }}));
    return Next::Done();
  }

  base::Result<engines::InstallationDriver::Inspection> Look(const Installation& installation,
                                                             const OperationContext& context) {
    return parts_.journal.Look("INSPECT", [&] {
      return parts_.engine.installations.Inspect(installation.home, context.stop);
    });
  }

  base::Result<Next> Inspect(OperationContext& context) {
    const InstallationPtr installation = SP_TRY(Known(context.operation.subject.id));
    const auto seen = SP_TRY(Look(*installation, context));
    SP_TRY(Change(installation->id, [&](Installation& i) { TakeOver(i, seen); }));
    return Next::Done();
  }

  base::Result<Next> Compare(OperationContext& context) {
    const InstallationPtr installation = SP_TRY(Known(context.operation.subject.id));
    if (!context.Remembers(kBefore)) {
      SP_TRY(context.Note(kBefore, std::string(ToString(installation->state))));
    }
    SP_TRY(
        Change(installation->id, [](Installation& i) { i.state = InstallationState::kVerifying; }));
    const auto seen = SP_TRY(Look(*installation, context));
    if (seen.digest != installation->digest) {
      return base::Error(base::ErrorCode::kInstallationInvalid,
                         "its files are not those that were verified before")
          .WithHint(installation->fetched ? "fetch it again" : "remove it and register it again");
    }
    SP_TRY(Change(installation->id, [&](Installation& i) { TakeOver(i, seen); }));
    return Next::Done();
  }

  base::Status Save(const Operation& operation) override {
    SP_TRY(parts_.operations.Save(operation));
    Put(operation);
    return base::Ok();
  }

  void Show(const Operation& operation) override {
    parts_.operations.Announce(operation);
    Put(operation);
  }

  base::Status Settle(const Operation& operation) override {
    const std::string& id = operation.subject.id;
    if (operation.state != OperationState::kSucceeded) {
      const bool fetch = operation.kind == OperationKind::kFetch;
      const bool cancelled = operation.state == OperationState::kCancelled;
      // A check that was cancelled or could not be made says nothing about the files.
      const bool verdict =
          operation.error && operation.error->code() == base::ErrorCode::kInstallationInvalid;
      const auto before = operation.memory.find(kBefore);
      SP_TRY(Change(id, [&](Installation& i) {
        if (fetch) {
          i.state = InstallationState::kFailed;
        } else if (verdict) {
          i.state = InstallationState::kBroken;
        } else if (before != operation.memory.end()) {
          i.state = ParseInstallationState(before->second).value_or(InstallationState::kBroken);
        }
        if (fetch || verdict) {
          i.message = cancelled ? "cancelled" : operation.error->message();
        }
      }));
    }
    SP_TRY(Save(operation));
    Tell(id);
    return base::Ok();
  }

  // ---------------------------------------------------------------- memory

  base::Result<InstallationPtr> Known(std::string_view id) const {
    InstallationPtr installation = Find(id);
    if (!installation) {
      return NoSuchInstallation();
    }
    return installation;
  }

  void Put(const Installation& installation) {
    {
      const std::unique_lock lock(reading_);
      all_[installation.id] = std::make_shared<const Installation>(installation);
    }
    parts_.listener.OnInstallationChanged(installation);
  }

  /// Database first, then memory.
  base::Status Change(const std::string& id, const std::function<void(Installation&)>& change) {
    const std::lock_guard lock(changing_);
    const InstallationPtr before = Find(id);
    if (!before) {
      return NoSuchInstallation();
    }
    Installation after = *before;
    change(after);
    SP_TRY(parts_.store.Save(after));
    Put(after);
    return base::Ok();
  }

  void Put(const Operation& operation) {
    const std::lock_guard lock(changing_);
    const InstallationPtr before = Find(operation.subject.id);
    // The end of one may be told after the beginning of the next; ids grow.
    if (before && (!before->operation || before->operation->id <= operation.id)) {
      Installation after = *before;
      after.operation = std::make_shared<const Operation>(operation);
      Put(after);
    }
  }

  void Tell(const std::string& id) const {
    if (changed_) {
      changed_(id);
    }
  }

  const Parts parts_;
  Users users_;
  Changed changed_;
  std::mutex commands_;
  std::mutex changing_;
  mutable std::shared_mutex reading_;
  std::map<std::string, InstallationPtr, std::less<>> all_;
  std::unique_ptr<Turns> turns_;
  OperationRunner runner_;
};

}  // namespace

InstallationPtr InstallationFor(const InstallationDirectory& installations,
                                const ClusterSpec& spec) {
  return spec.kind == ClusterKind::kMachine ? installations.BuiltIn(spec.engine)
                                            : installations.Find(spec.installation_id);
}

base::Result<std::unique_ptr<InstallationService>> InstallationService::Load(Parts parts) {
  auto installations = std::make_unique<Installations>(std::move(parts));
  SP_TRY(installations->LoadAll());
  return std::unique_ptr<InstallationService>(std::move(installations));
}

}  // namespace streampark::console
