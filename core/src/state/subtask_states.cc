// SPDX-License-Identifier: Apache-2.0
#include "state/subtask_states.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "streampark/base/files.h"

namespace streampark::core {

namespace {

namespace fs = std::filesystem;

void OrFail(base::Status status) {
  if (!status.ok()) {
    throw TaskFailure(std::move(status).error().Annotate("restoring state on disk"));
  }
}

bool IsImmutable(std::string_view file) { return file.ends_with(".sst"); }

/// By a link where it is the same file system; what may change is copied.
base::Status PutFile(const fs::path& from, const fs::path& to, bool immutable) {
  std::error_code failed;
  if (immutable) {
    fs::create_hard_link(from, to, failed);
    if (!failed) {
      return base::Ok();
    }
    failed.clear();
  }
  fs::copy_file(from, to, fs::copy_options::overwrite_existing, failed);
  return failed ? base::Status(base::FileError(failed.value(), "copying", from)) : base::Ok();
}

std::uint64_t BytesOf(const std::vector<BackendRecord::File>& files) {
  BackendRecord sum;
  sum.base = files;
  return sum.bytes();
}

}  // namespace

SubtaskStates::SubtaskStates(Setup setup) : setup_(std::move(setup)) {
  std::error_code failed;
  fs::remove_all(setup_.folder, failed);
  fs::create_directories(setup_.folder, failed);
  if (failed) {
    throw TaskFailure(base::FileError(failed.value(), "creating", setup_.folder));
  }
  const auto& restored = setup_.restored;
  const auto ours = [&](const DiskState& state) {
    return std::ranges::find(setup_.owners, state.owner) != setup_.owners.end();
  };
  if (restored.size() == 1 && restored.front().groups.first == setup_.groups.first &&
      restored.front().groups.last == setup_.groups.last &&
      std::ranges::all_of(restored.front().states, ours)) {
    TakeOver(restored.front());
  } else {
    auto store = setup_.backend->Open(setup_.folder / "db");
    OrFail(store.ok() ? base::Ok() : base::Status(store.error()));
    BeginLog();
    MakeStates(std::move(store).value(), {});
    for (std::size_t i = 0; i < restored.size(); ++i) {
      CopyFrom(restored[i], static_cast<int>(i));
    }
  }
  setup_.restored.clear();
}

SubtaskStates::~SubtaskStates() {
  states_.reset();
  std::error_code ignored;
  fs::remove_all(setup_.folder, ignored);
}

void SubtaskStates::MakeStates(std::unique_ptr<StateStore> store, std::vector<DiskState> states) {
  DiskStates::Log log;
  if (setup_.logs == Setup::Logs::kKept) {
    log = [this](std::string_view changes) {
      if (!base_next_) {
        log_->Append(changes);
      }
    };
  }
  states_ = std::make_unique<DiskStates>(std::move(store), std::move(states), setup_.cache_bytes,
                                         std::move(log));
}

std::unique_ptr<StateStore> SubtaskStates::OpenRestored(const BackendRecord& record,
                                                        const fs::path& folder) {
  std::error_code failed;
  fs::create_directories(folder, failed);
  const fs::path scratch = setup_.folder / "fetched";
  for (const auto& file : record.base) {
    const auto to = base::ConfinedPath(folder, file.name);
    const auto kept = setup_.find_kept(file.kept, scratch);
    OrFail(!to.ok()     ? base::Status(to.error())
           : !kept.ok() ? base::Status(kept.error())
                        : PutFile(*kept, *to, IsImmutable(file.name)));
  }
  auto store = setup_.backend->Open(folder);
  OrFail(store.ok() ? base::Ok() : base::Status(store.error()));
  for (const auto& log : record.logs) {
    const auto kept = setup_.find_kept(log.kept, scratch);
    OrFail(kept.ok()
               ? ChangeLog::Read(*kept, [&](std::string_view changes) { (*store)->Write(changes); })
               : base::Status(kept.error()));
  }
  fs::remove_all(scratch, failed);
  return std::move(store).value();
}

void SubtaskStates::TakeOver(const BackendRecord& record) {
  auto store = OpenRestored(record, setup_.folder / "db");
  if (setup_.restored_from == Setup::KeptAt::kSamePlace) {
    base_ = record.base;
    logs_ = record.logs;
    base_next_ = false;
    for (const auto& file : record.base) {
      if (IsImmutable(file.name)) {
        kept_.emplace(file.name, file.kept);
      }
    }
  }
  BeginLog();
  MakeStates(std::move(store), record.states);
}

// The entries of this subtask's key groups, and of its operators alone.
void SubtaskStates::CopyFrom(const BackendRecord& record, int number) {
  const auto folder = setup_.folder / ("restored-" + std::to_string(number));
  {
    const auto store = OpenRestored(record, folder);
    for (const auto& from : record.states) {
      if (std::ranges::find(setup_.owners, from.owner) == setup_.owners.end()) {
        continue;
      }
      const auto& to = states_->Restore(from.owner, from.name, from.description, from.layout);
      if (to.description != from.description) {
        throw TaskFailure(base::Error(base::ErrorCode::kSnapshotInvalid,
                                      "The state '" + from.name + "' of '" + from.owner +
                                          "' has two shapes in one checkpoint."));
      }
      StateKey key;
      const auto prefix = key.Begin(from).Copy();
      const auto scan = store->Scan(prefix, StateKey::After(prefix));
      while (scan->Next()) {
        if (setup_.groups.Contains(StateKey::GroupOf(scan->key(), from.layout))) {
          states_->changes().Put(key.Begin(to).Raw(scan->key().substr(prefix.size())).view(),
                                 scan->value());
          states_->ApplyIfMany();
        }
      }
    }
    states_->Apply();
  }
  std::error_code ignored;
  fs::remove_all(folder, ignored);
}

void SubtaskStates::BeginLog() {
  if (setup_.logs == Setup::Logs::kKept) {
    log_ = std::make_unique<ChangeLog>(setup_.folder / ("log-" + std::to_string(++logs_begun_)));
  }
}

base::Result<BackendCapture> SubtaskStates::Capture(std::uint64_t checkpoint, std::int64_t now_ms) {
  states_->store().SetNow(now_ms);
  states_->WriteBack();
  BackendCapture captured;
  captured.record.groups = setup_.groups;
  captured.record.states.assign(states_->states().begin(), states_->states().end());

  bool base = base_next_ || log_ == nullptr ||
              std::ranges::any_of(lost_, [](const auto& lost) { return lost->load(); });
  base_next_ = true;  // unless this one succeeds
  if (log_) {
    const auto closed = log_->Close();
    const auto most = std::clamp(BytesOf(base_) / 2, kLeastLogs, kMostLogs);
    base = base || !closed.ok() || BytesOf(logs_) + log_->bytes() > most;
    if (base) {
      std::error_code ignored;
      fs::remove(log_->file(), ignored);
    } else {
      const auto name = log_->file().filename().string();
      auto& kept = logs_.emplace_back();
      kept.kept = setup_.prefix + "-" + name;
      kept.bytes = log_->bytes();
      captured.files.push_back({log_->file(), kept.kept});
      captured.needed_till = log_->file();
    }
    BeginLog();
  }
  if (base) {
    logs_.clear();
    lost_.clear();
    SP_TRY(CaptureBase(checkpoint, captured));
  }
  captured.record.base = base_;
  captured.record.logs = logs_;
  lost_.push_back(captured.lost);
  base_next_ = false;
  return captured;
}

base::Status SubtaskStates::CaptureBase(std::uint64_t checkpoint, BackendCapture& into) {
  const auto folder = setup_.folder / ("base-" + std::to_string(checkpoint));
  std::error_code failed;
  fs::remove_all(folder, failed);
  SP_TRY(states_->store().Capture(folder));
  into.needed_till = folder;
  base_.clear();
  std::map<std::string, std::string> kept;
  for (const auto& entry : fs::directory_iterator(folder, failed)) {
    BackendRecord::File file{.name = entry.path().filename().string(),
                             .kept = {},
                             .bytes = static_cast<std::uint64_t>(entry.file_size(failed))};
    if (IsImmutable(file.name)) {
      const auto found = kept_.find(file.name);
      file.kept = found != kept_.end() ? found->second : setup_.prefix + "-" + file.name;
      kept.emplace(file.name, file.kept);
    } else {
      file.kept = setup_.prefix + "-" + std::to_string(checkpoint) + "-" + file.name;
    }
    into.files.push_back({entry.path(), file.kept});
    base_.push_back(std::move(file));
  }
  if (failed) {
    return base::FileError(failed.value(), "listing", folder);
  }
  kept_ = std::move(kept);
  return base::Ok();
}

}  // namespace streampark::core
