// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "streampark/connectors/state_bytes.h"

#include "source_plan.h"

namespace streampark::connectors::http {
namespace {

class HttpEnumerator final : public SplitEnumerator {
 public:
  HttpEnumerator(const SourcePlan& plan, bool told) : plan_(plan), told_(told) {}

  base::Result<Discovery> Discover(std::stop_token /*stop*/) override {
    Discovery found{.splits = {}, .complete = !plan_.poll};
    if (!std::exchange(told_, true)) {
      const Place begin{.cursor = plan_.cursor_start, .greatest = plan_.cursor_start};
      for (const auto& target : plan_.targets) {
        found.splits.push_back({target.id, begin.ToPosition()});
      }
    }
    return found;
  }
  std::string Snapshot() const override { return StateWriter().Number(told_ ? 1 : 0).Take(); }

 private:
  const SourcePlan& plan_;
  bool told_;
};

class HttpSource final : public Source {
 public:
  explicit HttpSource(SourcePlan plan) : plan_(std::move(plan)) {}

  SchemaPtr schema() const override { return plan_.schema; }
  Boundedness boundedness() const override {
    return plan_.poll ? Boundedness::kUnbounded : Boundedness::kBounded;
  }
  base::Result<std::unique_ptr<SplitEnumerator>> MakeEnumerator(
      std::optional<std::string> restored) override {
    StateReader in(restored ? std::string_view(*restored) : std::string_view("0 "));
    const std::int64_t told = in.Number();
    if (!in.done() || told < 0 || told > 1) {
      return base::Error(base::ErrorCode::kSnapshotInvalid,
                         "this does not say whether addresses were given out");
    }
    return std::make_unique<HttpEnumerator>(plan_, told == 1);
  }
  base::Result<std::unique_ptr<SplitReader>> MakeReader(int /*subtask*/) override {
    return MakeHttpReader(plan_);
  }

 private:
  const SourcePlan plan_;
};

}  // namespace

std::unique_ptr<Source> MakeHttpSource(SourcePlan plan) {
  return std::make_unique<HttpSource>(std::move(plan));
}

}  // namespace streampark::connectors::http
