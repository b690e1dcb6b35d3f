// SPDX-License-Identifier: Apache-2.0
#include "table_comparison.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "streampark/base/log.h"

namespace streampark::pump {
namespace {

using connectors::KeyRange;
using connectors::Split;

constexpr std::size_t kBucketsOfRange = std::size_t{1} << 10U;
constexpr std::size_t kBucketsOfWhole = std::size_t{1} << 16U;
constexpr base::Millis kPatience{200};
constexpr base::Millis kBetweenWords{200};
constexpr base::Millis kFirstRetryPause{100};
constexpr int kMostReadFailures = 4;
constexpr std::size_t kMostReaders = 8;
/// Names of rows that are kept until the next look.
constexpr std::size_t kMostSuspected = 100'000;

base::Error Stopped() { return {base::ErrorCode::kCancelled, "it was stopped before its end"}; }

void Count(RowDifference::Kind kind, TableVerdict& verdict) {
  using Kind = RowDifference::Kind;
  ++(kind == Kind::kMissing     ? verdict.missing
     : kind == Kind::kExtra     ? verdict.extra
     : kind == Kind::kDifferent ? verdict.different
                                : verdict.repeated);
}

}  // namespace

TableComparison::TableComparison(ComparedTable& table, Setup setup)
    : table_(table), setup_(std::move(setup)) {}

base::Status TableComparison::Run(TableVerdict& verdict) {
  verdict.range_column = table_.range_column();
  SP_TRY(FindRanges());
  verdict.ranges = static_cast<std::int64_t>(ranges_.size());
  std::vector<Suspect> all;
  for (const KeyRange& range : ranges_) {
    all.push_back({range, std::nullopt});
  }
  rounds_left_ = setup_.options.recheck;
  auto looked = LookAtAll(std::move(all), verdict);
  while (looked.ok() && !again_.empty()) {
    if (!Pause(setup_.options.recheck_pause)) {
      looked = Stopped();
      break;
    }
    --rounds_left_;
    suspected_ = 0;
    table_.Renew();
    if (table_.range_column().empty()) {
      looked = FindRanges();
    }
    told_.reset();
    Tell();
    if (looked.ok()) {
      looked = LookAtAll(std::exchange(again_, {}), verdict);
    }
  }
  verdict.source_rows_read = rows_read_[0];
  verdict.target_rows_read = rows_read_[1];
  SP_TRY(std::move(looked));
  if (verdict.different_ranges > 0) {
    verdict.kind = TableVerdict::Kind::kDifferent;
  } else if (unreadable_[0] + unreadable_[1] > 0) {
    return base::Error(
        base::ErrorCode::kValidationFailed,
        std::to_string(unreadable_[0]) + " rows of the source and " +
            std::to_string(unreadable_[1]) + " of the target hold values that cannot be read" +
            (setup_.options.show == VerifyOptions::Show::kValues ? ", the first: " + unreadable_why_
                                                                 : ""));
  } else {
    verdict.kind = TableVerdict::Kind::kEqual;
  }
  return base::Ok();
}

/// Ranges as the largest source is parted, or the parts of all tables.
base::Status TableComparison::FindRanges() {
  const RowForm form = table_.first_form();
  const auto& plans = table_.plans();
  const auto splits_of =
      [&](const ComparedTable::Place& place) -> base::Result<std::vector<Split>> {
    const auto source = SP_TRY(table_.source(place, form));
    const auto enumerator = SP_TRY(source->MakeEnumerator(std::nullopt));
    return SP_TRY(enumerator->Discover(setup_.stop)).splits;
  };
  std::int64_t estimate = plans.front().target->estimated_rows.value_or(0);
  std::size_t largest = 0;
  for (std::size_t i = 0; i < plans.size(); ++i) {
    estimate += plans[i].from.estimated_rows.value_or(0);
    if (plans[i].from.estimated_rows.value_or(0) > plans[largest].from.estimated_rows.value_or(0)) {
      largest = i;
    }
  }
  estimated_rows_ = estimate > 0 ? std::optional(estimate) : std::nullopt;
  ranges_.clear();
  whole_.clear();
  if (!table_.range_column().empty()) {
    const ComparedTable::Place place{Side::kSource, largest};
    const auto* ranges = SP_TRY(table_.ranges(place));
    for (const Split& split : SP_TRY(splits_of(place))) {
      ranges_.push_back(SP_TRY(ranges->RangeOf(split)));
    }
    parts_ = static_cast<std::int64_t>(ranges_.size() * (plans.size() + 1));
    return base::Ok();
  }
  const auto add = [&](const ComparedTable::Place& place) -> base::Status {
    for (Split& split : SP_TRY(splits_of(place))) {
      whole_.push_back({place, std::move(split)});
    }
    return base::Ok();
  };
  for (std::size_t i = 0; i < plans.size(); ++i) {
    SP_TRY(add({Side::kSource, i}));
  }
  SP_TRY(add({Side::kTarget, 0}));
  ranges_.emplace_back();
  parts_ = static_cast<std::int64_t>(whole_.size());
  return base::Ok();
}

base::Result<std::shared_ptr<RangeLook>> TableComparison::MakeLook(const KeyRange& range) {
  const bool whole = table_.range_column().empty();
  std::vector<RangeLook::Part> parts = whole_;
  if (!whole) {
    const auto add = [&](const ComparedTable::Place& place) -> base::Status {
      const auto* ranges = SP_TRY(table_.ranges(place));
      parts.push_back({place, ranges->SplitOf(range)});
      return base::Ok();
    };
    for (std::size_t i = 0; i < table_.plans().size(); ++i) {
      SP_TRY(add({Side::kSource, i}));
    }
    SP_TRY(add({Side::kTarget, 0}));
  }
  return std::make_shared<RangeLook>(table_, *setup_.hash, range, std::move(parts),
                                     whole ? kBucketsOfWhole : kBucketsOfRange,
                                     setup_.options.show);
}

base::Status TableComparison::LookAtAll(std::vector<Suspect> ranges, TableVerdict& verdict) {
  verdict_ = &verdict;
  to_look_ = std::move(ranges);
  next_ = 0;
  {
    std::vector<std::jthread> workers;
    for (int i = 0; i < setup_.parallelism; ++i) {
      workers.emplace_back([this] { Work(); });
    }
  }
  if (failed_) {
    return *failed_;
  }
  return base::Ok();
}

void TableComparison::Work() {
  Readers readers;
  while (const auto task = Take()) {
    if (auto read = Read(*task, readers); !read.ok()) {
      Fail(std::move(read).error());
    }
  }
}

/// The next part to read; waits while others may still have some to come. Absent when there is no more.
std::optional<TableComparison::Task> TableComparison::Take() {
  std::unique_lock lock(mutex_);
  for (;;) {
    if (failed_) {
      return std::nullopt;
    }
    if (ready_.empty() && next_ < to_look_.size()) {
      auto look = MakeLook(to_look_[next_].range);
      if (!look.ok()) {
        failed_ = std::move(look).error();
        changed_.notify_all();
        return std::nullopt;
      }
      in_hand_[look->get()] = next_++;
      for (std::size_t i = 0; i < (*look)->parts().size(); ++i) {
        ready_.push_back({*look, i});
      }
    }
    if (!ready_.empty()) {
      Task task = std::move(ready_.front());
      ready_.pop_front();
      return task;
    }
    if (in_hand_.empty()) {
      return std::nullopt;
    }
    changed_.wait(lock);
  }
}

base::Status TableComparison::Read(const Task& task, Readers& readers) {
  RangeLook& look = *task.look;
  RangeLook::FoundPtr found;
  for (int failures = 0;;) {
    found = look.Begin(look.parts()[task.part]);
    auto read = ReadOnce(task, readers, *found);
    if (read.ok()) {
      break;
    }
    readers.clear();
    if (!read.error().retryable() || ++failures == kMostReadFailures ||
        !Pause(kFirstRetryPause * (1 << failures))) {
      return read;
    }
    base::LogWarn("a part of a table could not be read; it is tried again",
                  {{"error", read.error()}});
  }
  RangeLook::Naming naming = RangeLook::Naming::kWanted;
  {
    const std::lock_guard lock(mutex_);
    const bool enough =
        rounds_left_ > 0 ? suspected_ >= kMostSuspected : named_ >= setup_.options.most;
    naming = enough ? RangeLook::Naming::kNotWanted : naming;
  }
  ++parts_done_;
  if (look.End(*found, naming)) {
    const std::lock_guard lock(mutex_);
    if (look.phase() == RangeLook::Phase::kDone) {
      Done(look, to_look_[in_hand_[&look]]);
      in_hand_.erase(&look);
    } else {
      parts_ += static_cast<std::int64_t>(look.parts().size());
      for (std::size_t i = look.parts().size(); i > 0; --i) {
        ready_.push_front({task.look, i - 1});  // before others begin, so that few are in hand
      }
    }
    changed_.notify_all();
  }
  Tell();
  return base::Ok();
}

base::Result<TableComparison::Reader*> TableComparison::ReaderOf(const RangeLook::Part& part,
                                                                 RowForm form, Readers& readers) {
  const std::tuple key(part.place.side, part.place.table, form);
  if (const auto found = readers.find(key); found != readers.end()) {
    return &found->second;
  }
  if (readers.size() >= kMostReaders) {
    readers.clear();
  }
  const auto source = SP_TRY(table_.source(part.place, form));
  Reader made;
  made.rows = SP_TRY(source->MakeReader(0));
  made.transform = SP_TRY(table_.MakeTransform(part.place));
  return &readers.emplace(key, std::move(made)).first->second;
}

base::Status TableComparison::ReadOnce(const Task& task, Readers& readers,
                                       RangeLook::Found& found) {
  const RangeLook& look = *task.look;
  const RangeLook::Part& part = look.parts()[task.part];
  const Reader& reader = *SP_TRY(ReaderOf(part, look.form(), readers));
  SP_TRY(reader.rows->Add({part.split}));
  for (;;) {
    if (setup_.stop.stop_requested()) {
      return Stopped();
    }
    {
      const std::lock_guard lock(mutex_);
      if (failed_) {
        return *failed_;
      }
    }
    auto read = SP_TRY(reader.rows->Read(kPatience));
    if (!read.dirty.empty()) {
      RangeLook::AddUnreadable(static_cast<std::int64_t>(read.dirty.size()), found);
      const std::lock_guard lock(mutex_);
      unreadable_why_ = unreadable_why_.empty() ? read.dirty[0].reason : unreadable_why_;
    }
    if (read.batch) {
      if (reader.transform) {
        // What cannot be computed is a dirty row of the pump's, and not at the target.
        std::vector<connectors::DirtyRecord> dirty;
        look.Add(
            table_.Compared(part.place, reader.transform->Apply(
                                            *read.batch, table_.transformed(part.place), dirty)),
            found);
      } else {
        look.Add(*read.batch, found);
      }
      rows_read_[static_cast<std::size_t>(part.place.side)] += read.batch->length;
      reader.rows->Recycle(std::move(read.batch));
      Tell();
    }
    if (!read.ended.empty()) {
      return base::Ok();
    }
  }
}

/// Under the lock: a look is done, at what was suspected before, or at the first time.
void TableComparison::Done(RangeLook& look, const Suspect& was) {
  TableVerdict& verdict = *verdict_;
  auto& differences = look.differences();
  bool equal = look.equal();
  const bool again = was.names.has_value() || rounds_left_ < setup_.options.recheck;
  if (!equal && was.names && look.named()) {
    // What was well at one look or the other is only changing.
    std::erase_if(differences, [&](const auto& one) { return !was.names->contains(one.name); });
    equal = differences.empty();
  }
  if (!again) {
    verdict.source_rows += look.rows(Side::kSource);
    verdict.target_rows += look.rows(Side::kTarget);
  }
  if (!equal && rounds_left_ > 0) {
    Suspect suspect{look.range(), std::nullopt};
    if (look.named()) {
      suspect.names.emplace();
      for (const auto& one : differences) {
        suspect.names->insert(one.name);
      }
      suspected_ += differences.size();
    }
    again_.push_back(std::move(suspect));
    return;
  }
  for (const Side side : {Side::kSource, Side::kTarget}) {
    unreadable_[static_cast<std::size_t>(side)] += look.unreadable(side);
  }
  if (equal) {
    return;
  }
  ++verdict.different_ranges;
  if (verdict.range_differences.size() < kMostRangesListed) {
    verdict.range_differences.push_back(
        {.low = look.range().low,
         .high = look.range().high,
         .source_rows = look.rows(Side::kSource),
         .target_rows = look.rows(Side::kTarget),
         .named = look.named() && named_ + differences.size() <= setup_.options.most});
  }
  for (auto& one : differences) {
    Count(one.difference.kind, verdict);
    if (named_ < setup_.options.most) {
      ++named_;
      verdict.differences.push_back(std::move(one.difference));
    }
  }
}

void TableComparison::Fail(base::Error error) {
  const std::lock_guard lock(mutex_);
  if (!failed_) {
    failed_ = std::move(error);
  }
  changed_.notify_all();
}

void TableComparison::Tell() {
  if (!setup_.tell) {
    return;
  }
  const std::unique_lock lock(telling_, std::try_to_lock);
  const auto now = setup_.clock->SteadyNow();
  if (!lock.owns_lock() || (told_ && now - *told_ < kBetweenWords)) {
    return;
  }
  told_ = now;
  setup_.tell({.table = table_.plans().front().to_name,
               .rows = rows_read_[0] + rows_read_[1],
               .estimated_rows = estimated_rows_,
               .parts = parts_,
               .parts_done = parts_done_,
               .recheck = setup_.options.recheck - rounds_left_});
}

/// False when it was stopped meanwhile.
bool TableComparison::Pause(base::Millis pause) {
  std::mutex mutex;
  std::condition_variable_any wait;
  std::unique_lock lock(mutex);
  return !wait.wait_for(lock, setup_.stop, pause, [this] { return setup_.stop.stop_requested(); });
}

}  // namespace streampark::pump
