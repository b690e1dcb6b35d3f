// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "address.h"
#include "answer_rows.h"
#include "fetcher.h"
#include "source_plan.h"

/// Reads addresses page by page; a round of an address is all its pages:
///
///   due ──ask──► under way ──answer──► rows, and the next page is due at once
///    ▲                │         └────► rows, and the round is over: due after the pause, or ended
///    └──after a pause─┘ what may pass
///
/// Of several addresses the one that is due first is asked, those with the earlier place in hand before others.
namespace streampark::connectors::http {
namespace {

class HttpReader final : public SplitReader {
 public:
  HttpReader(const SourcePlan& plan, std::unique_ptr<AnswerRows> rows)
      : plan_(plan), rows_(std::move(rows)), fetcher_(plan.access) {}

  base::Status Add(std::vector<Split> splits) override {
    std::vector<InHand> added;
    for (const Split& split : splits) {
      const auto target = std::ranges::find(plan_.targets, split.id, &SourcePlan::Target::id);
      if (target == plan_.targets.end()) {
        return base::Error(base::ErrorCode::kSnapshotInvalid,
                           "'" + split.id + "' is not among the addresses of 'url'")
            .WithHint("it was when the checkpoint was taken: put it back, or start from nothing");
      }
      Place place = SP_TRY(Place::From(split.position));
      added.push_back({&*target, std::move(place), plan_.clock->SteadyNow(),
                       Retrying(plan_.retry_for, *plan_.clock)});
    }
    std::ranges::move(added, std::back_inserter(splits_));
    return base::Ok();
  }

  base::Result<Rows> Read(base::Millis patience) override {
    if (!asked_) {
      const auto next = std::ranges::min_element(splits_, {}, &InHand::due);
      const auto left = next == splits_.end()
                            ? patience
                            : std::chrono::ceil<base::Millis>(next->due - plan_.clock->SteadyNow());
      if (next == splits_.end() || left > base::Millis(0)) {
        fetcher_.Wait(std::min(patience, left));
        return Rows{};
      }
      asked_ = next->target;
      fetcher_.Ask(RequestOf(*next));
    }
    auto answer = fetcher_.Wait(patience);
    if (!answer) {
      return Rows{};
    }
    const auto split = std::ranges::find(splits_, std::exchange(asked_, nullptr), &InHand::target);
    return Take(*split, std::move(*answer));
  }

  std::vector<Split> Snapshot() const override {
    std::vector<Split> splits;
    for (const InHand& split : splits_) {
      splits.push_back({split.target->id, split.place.ToPosition()});
    }
    return splits;
  }
  base::Status Acknowledge(const std::vector<Split>& /*positions*/) override { return base::Ok(); }
  void WakeUp() override { fetcher_.Wake(); }
  void Recycle(std::unique_ptr<Batch> batch) override { rows_->Recycle(std::move(batch)); }

 private:
  struct InHand {
    const SourcePlan::Target* target = nullptr;
    Place place;
    base::SteadyTime due;
    Retrying retrying;
  };

  base::HttpRequest RequestOf(const InHand& split) const {
    const Place& place = split.place;
    base::HttpRequest request{
        .url = AddressOf(split.target->url, plan_.paging, plan_.cursor_parameter, place)};
    if (place.pages == 0 && !place.etag.empty()) {
      request.headers.emplace_back("If-None-Match", place.etag);
    }
    if (place.pages == 0 && !place.modified.empty()) {
      request.headers.emplace_back("If-Modified-Since", place.modified);
    }
    return request;
  }

  base::Result<Rows> Take(InHand& split, base::Result<Endpoint::Answer> answer) {
    if (!answer.ok()) {
      const auto pause = split.retrying.PauseAfter(answer.error());
      if (!pause.ok()) {
        return pause.error();
      }
      split.due = plan_.clock->SteadyNow() + *pause;
      return std::move(answer).error();
    }
    split.retrying.Succeeded();
    Rows read{.split = split.target->id};
    Place place = split.place;
    bool more = false;
    if (answer->response.status != 304) {
      const std::string where = split.target->id + ", page " + std::to_string(place.pages + 1);
      auto page = SP_TRY(rows_->Read(answer->response.body, where, place.cursor, place.greatest));
      auto advanced = Advance(plan_.paging, *answer, page.records, place);
      if (!advanced.ok()) {
        return std::move(advanced).error().Annotate(where);
      }
      more = *advanced;
      read.batch = std::move(page.batch);
      read.dirty = std::move(page.dirty);
      if (!more) {
        EndRound(answer->response, place);
      }
    }
    split.place = std::move(place);
    if (!more && plan_.poll) {
      split.due = plan_.clock->SteadyNow() + *plan_.poll;
    } else if (!more) {
      read.ended.push_back(split.target->id);
      splits_.erase(splits_.begin() + (&split - splits_.data()));
    }
    return read;
  }

  /// The next round asks with what this one has seen. What a server says of an address holds while that does not change.
  void EndRound(const base::HttpResponse& response, Place& place) const {
    const bool same_address = plan_.paging.by == Paging::By::kNone &&
                              (plan_.cursor_parameter.empty() || place.cursor == place.greatest);
    place.etag = same_address ? response.header("etag") : "";
    place.modified = same_address ? response.header("last-modified") : "";
    place.cursor = place.greatest;
    place.pages = 0;
    place.records = 0;
    place.next.clear();
  }

  const SourcePlan& plan_;
  const std::unique_ptr<AnswerRows> rows_;
  std::vector<InHand> splits_;
  const SourcePlan::Target* asked_ = nullptr;  // whose answer is waited for
  Fetcher fetcher_;
};

}  // namespace

base::Result<std::unique_ptr<SplitReader>> MakeHttpReader(const SourcePlan& plan) {
  return std::make_unique<HttpReader>(plan, SP_TRY(AnswerRows::Make(plan)));
}

}  // namespace streampark::connectors::http
