// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "streampark/pump/verify.h"

#include "compared_table.h"
#include "range_look.h"

namespace streampark::pump {

/// Compares both sides of a table: looks at each range, by as many threads as there may be, and once more at those that differ. Used once.
class TableComparison {
 public:
  struct Setup {
    VerifyOptions options;
    int parallelism = 1;
    const base::Clock* clock = nullptr;
    const RowHash* hash = nullptr;
    std::function<void(const VerifyProgress&)> tell;  // may be empty
    std::stop_token stop;
  };

  /// `table` outlives it, and so do the setup's.
  TableComparison(ComparedTable& table, Setup setup);

  /// Fills in what is found. An error leaves in it what was found before.
  base::Status Run(TableVerdict& verdict);

 private:
  /// A range that differed, to be looked at again.
  struct Suspect {
    connectors::KeyRange range;
    std::optional<std::set<Hash128>> names;  // absent: not all are known
  };
  struct Task {
    std::shared_ptr<RangeLook> look;
    std::size_t part = 0;
  };
  /// What one thread reads a place with.
  struct Reader {
    std::unique_ptr<connectors::SplitReader> rows;
    std::unique_ptr<RowTransform> transform;  // null where rows are compared as they are read
  };
  using Readers = std::map<std::tuple<Side, std::size_t, RowForm>, Reader>;

  base::Status FindRanges();
  base::Result<std::shared_ptr<RangeLook>> MakeLook(const connectors::KeyRange& range);
  base::Status LookAtAll(std::vector<Suspect> ranges, TableVerdict& verdict);
  void Work();
  std::optional<Task> Take();
  base::Status Read(const Task& task, Readers& readers);
  base::Status ReadOnce(const Task& task, Readers& readers, RangeLook::Found& found);
  base::Result<Reader*> ReaderOf(const RangeLook::Part& part, RowForm form, Readers& readers);
  void Done(RangeLook& look, const Suspect& was);
  void Fail(base::Error error);
  void Tell();
  bool Pause(base::Millis pause);

  ComparedTable& table_;
  const Setup setup_;
  std::vector<connectors::KeyRange> ranges_;  // of the source, in their order
  std::vector<RangeLook::Part> whole_;        // of a table without ranges: all parts
  std::optional<std::int64_t> estimated_rows_;

  std::mutex mutex_;
  std::condition_variable changed_;
  TableVerdict* verdict_ = nullptr;
  std::vector<Suspect> to_look_;
  std::size_t next_ = 0;
  std::deque<Task> ready_;
  std::map<const RangeLook*, std::size_t>
      in_hand_;  // looks that are not done, by their place in to_look_
  std::vector<Suspect> again_;
  int rounds_left_ = 0;
  std::optional<base::Error> failed_;
  std::size_t named_ = 0;
  std::size_t suspected_ = 0;
  std::int64_t unreadable_[kSides] = {};
  std::string unreadable_why_;

  std::atomic<std::int64_t> rows_read_[kSides] = {};
  std::atomic<std::int64_t> parts_{0}, parts_done_{0};
  std::mutex telling_;
  std::optional<base::SteadyTime> told_;
};

}  // namespace streampark::pump
