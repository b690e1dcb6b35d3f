// SPDX-License-Identifier: Apache-2.0
#include "streampark/connectors/generator.h"

#include <algorithm>
#include <deque>
#include <limits>

#include "streampark/connectors/state_bytes.h"
#include "streampark/connectors/wake_up.h"

#include "field_rules.h"

/// Split k of s makes the rows k, k + s, k + 2s, … below the limit. Position: `next step limit`.
namespace streampark::connectors {
namespace {

using generator::FieldRule;

constexpr std::int64_t kNoLimit = std::numeric_limits<std::int64_t>::max();
constexpr std::uint16_t kVersion = 1;

struct Plan {
  SchemaPtr schema;
  std::vector<FieldRule> rules;
  const base::Clock* clock = nullptr;
  std::int64_t rows = kNoLimit;
  std::int64_t splits = 1;
  std::int64_t batch_rows = 0;
  double rows_per_second = 0;  // of all splits; 0: as fast as they are taken
};

class GeneratorEnumerator final : public SplitEnumerator {
 public:
  GeneratorEnumerator(const Plan& plan, bool told) : plan_(plan), told_(told) {}

  base::Result<Discovery> Discover(std::stop_token /*stop*/) override {
    Discovery found{.splits = {}, .complete = plan_.rows != kNoLimit};
    for (std::int64_t split = 0; split < plan_.splits && !told_; ++split) {
      found.splits.push_back(
          {std::to_string(split),
           {kVersion, StateWriter().Number(split).Number(plan_.splits).Number(plan_.rows).Take()}});
    }
    told_ = true;
    return found;
  }
  std::string Snapshot() const override { return told_ ? "told" : ""; }

 private:
  const Plan& plan_;
  bool told_;
};

class GeneratorReader final : public SplitReader {
 public:
  explicit GeneratorReader(const Plan& plan) : plan_(plan), rows_(plan.schema) {}

  base::Status Add(std::vector<Split> splits) override {
    for (const Split& split : splits) {
      StateReader in(split.position.bytes);
      Range range{.id = split.id, .next = in.Number(), .step = in.Number(), .limit = in.Number()};
      if (split.position.version != kVersion || !in.done() || range.next < 0 || range.step < 1) {
        return base::Error(base::ErrorCode::kSnapshotInvalid,
                           "'" + split.position.bytes + "' is no position of a generator");
      }
      range.begun = plan_.clock->SteadyNow();
      ranges_.push_back(std::move(range));
    }
    return base::Ok();
  }

  base::Result<Rows> Read(base::Millis patience) override {
    Rows read;
    base::Millis wait = patience;
    for (std::size_t turn = 0; turn < ranges_.size(); ++turn) {
      std::rotate(ranges_.begin(), ranges_.begin() + 1, ranges_.end());
      Range& range = ranges_.back();
      const std::int64_t due = Due(range, wait);
      if (due == 0 && range.next < range.limit) {
        continue;
      }
      Make(range, due);
      read.split = range.id;
      if (rows_.length() > 0) {
        read.batch = rows_.Finish();
      }
      if (range.next >= range.limit) {
        read.ended.push_back(range.id);
        ranges_.pop_back();
      }
      return read;
    }
    wake_up_.WaitFor(wait);
    return read;
  }

  std::vector<Split> Snapshot() const override {
    std::vector<Split> splits;
    for (const Range& range : ranges_) {
      splits.push_back(
          {range.id,
           {kVersion,
            StateWriter().Number(range.next).Number(range.step).Number(range.limit).Take()}});
    }
    return splits;
  }
  base::Status Acknowledge(const std::vector<Split>& /*positions*/) override { return base::Ok(); }
  void WakeUp() override { wake_up_.Ring(); }
  void Recycle(std::unique_ptr<Batch> batch) override { rows_.Recycle(std::move(batch)); }

 private:
  struct Range {
    std::string id;
    std::int64_t next = 0;
    std::int64_t step = 1;
    std::int64_t limit = kNoLimit;
    base::SteadyTime begun{};  // since when `made` is counted
    std::int64_t made = 0;
  };

  /// How many rows may be made now; `wait` becomes the time until the next when there is none.
  std::int64_t Due(Range& range, base::Millis& wait) const {
    if (plan_.rows_per_second == 0) {
      return plan_.batch_rows;
    }
    const double rate = plan_.rows_per_second / static_cast<double>(range.step);
    const auto now = plan_.clock->SteadyNow();
    double due = std::chrono::duration<double>(now - range.begun).count() * rate -
                 static_cast<double>(range.made);
    if (due > rate + 1) {  // who was kept waiting for long does not get all of it at once
      range.begun = now - std::chrono::seconds(1);
      range.made = 0;
      due = rate;
    }
    if (due < 1) {
      const auto until =
          base::Millis(static_cast<std::int64_t>(std::min((1 - due) / rate, 3600.0) * 1000) + 1);
      wait = std::min(wait, until);
      return 0;
    }
    return std::min(static_cast<std::int64_t>(due), plan_.batch_rows);
  }

  void Make(Range& range, std::int64_t count) {
    for (; count > 0 && range.next < range.limit; --count) {
      for (std::size_t i = 0; i < plan_.rules.size(); ++i) {
        plan_.rules[i](range.next, rows_.column(i));
      }
      rows_.EndRow();
      ++range.made;
      range.next = range.next > kNoLimit - range.step ? kNoLimit : range.next + range.step;
    }
  }

  const Plan& plan_;
  std::deque<Range> ranges_;  // in turn
  BatchBuilder rows_;
  WakeUpCall wake_up_;
};

class GeneratorSource final : public Source {
 public:
  explicit GeneratorSource(Plan plan) : plan_(std::move(plan)) {}

  SchemaPtr schema() const override { return plan_.schema; }
  Boundedness boundedness() const override {
    return plan_.rows == kNoLimit ? Boundedness::kUnbounded : Boundedness::kBounded;
  }
  base::Result<std::unique_ptr<SplitEnumerator>> MakeEnumerator(
      std::optional<std::string> restored) override {
    if (restored && !restored->empty() && *restored != "told") {
      return base::Error(base::ErrorCode::kSnapshotInvalid,
                         "'" + *restored + "' is no state of a generator");
    }
    return std::make_unique<GeneratorEnumerator>(plan_, restored == "told");
  }
  base::Result<std::unique_ptr<SplitReader>> MakeReader(int /*subtask*/) override {
    return std::make_unique<GeneratorReader>(plan_);
  }

 private:
  const Plan plan_;
};

OptionTable MakeTable() {
  return OptionTable({{.name = "rows",
                       .kind = OptionKind::kInteger,
                       .text = "How many rows; absent: without end.",
                       .least = 0},
                      {.name = "rows-per-second",
                       .kind = OptionKind::kNumber,
                       .text = "How fast, all splits together; absent: as fast as they are taken."},
                      {.name = "splits",
                       .kind = OptionKind::kInteger,
                       .text = "Into how many parts the rows are shared out: the most subtasks "
                               "that have something to do.",
                       .fallback = "16",
                       .least = 1,
                       .most = 4096},
                      {.name = "seed",
                       .kind = OptionKind::kInteger,
                       .text = "Where random values begin: the same seed gives the same rows.",
                       .fallback = "1"},
                      {.name = "batch.rows",
                       .kind = OptionKind::kInteger,
                       .text = "The most rows that are made at once.",
                       .fallback = "1024",
                       .least = 1,
                       .most = 65'536}},
                     {"fields."});
}

class GeneratorConnector final : public Connector {
 public:
  std::string_view name() const override { return "generator"; }
  std::string_view text() const override { return "Rows by rule, for trials, tests and load."; }
  Capabilities capabilities() const override { return {.source = true, .replay = true}; }
  const OptionTable& options() const override { return table_; }

  base::Result<std::unique_ptr<Source>> MakeSource(Setup setup) const override {
    const OptionValues& options = setup.options;
    if (!setup.schema) {
      return base::Error(base::ErrorCode::kValidationFailed,
                         "a generator has to be told its columns");
    }
    auto rules =
        SP_TRY(generator::MakeFieldRules(*setup.schema, options.Passed("fields."),
                                         static_cast<std::uint64_t>(options.Integer("seed"))));
    Plan plan{.schema = setup.schema,
              .rules = std::move(rules),
              .clock = &setup.time(),
              .rows = options.Has("rows") ? options.Integer("rows") : kNoLimit,
              .splits = options.Integer("splits"),
              .batch_rows = options.Integer("batch.rows")};
    if (options.Has("rows-per-second")) {
      plan.rows_per_second = options.Number("rows-per-second");
      if (plan.rows_per_second <= 0) {
        return base::Error(base::ErrorCode::kValidationFailed, "some options are not valid")
            .WithField({"/rows-per-second", "is not above 0", "leave it out for no limit"});
      }
    }
    return std::make_unique<GeneratorSource>(std::move(plan));
  }
  base::Result<std::unique_ptr<Sink>> MakeSink(Setup /*setup*/) const override {
    return base::Error(base::ErrorCode::kIllegalState, "a generator is no sink");
  }

 private:
  const OptionTable table_ = MakeTable();
};

}  // namespace

std::unique_ptr<Connector> MakeGeneratorConnector() {
  return std::make_unique<GeneratorConnector>();
}

}  // namespace streampark::connectors
