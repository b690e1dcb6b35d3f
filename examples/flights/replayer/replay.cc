// SPDX-License-Identifier: Apache-2.0
#include "replay.h"

#include <algorithm>
#include <utility>

namespace streampark::flights {

Stream::Stream(EventLog& log, ReleaseFolder folder) : log_(log), folder_(std::move(folder)) {
  for (const Position end : folder_.Newest(kFilesInAnyOrder)) {
    ends_.push_back(TimeOfEnd(end));
    next_ = end;
  }
  if (next_.row >= log_.size()) {
    next_ = {next_.lap + 1, 0};
  }
}

EventTime Stream::LastEvent() const { return ends_.empty() ? log_.TimeAt(0) : ends_.back(); }

EventTime Stream::NextEvent() const { return YearsLater(log_.TimeAt(next_.row), next_.lap); }

EventTime Stream::TimeOfEnd(Position end) const {
  return YearsLater(log_.TimeAt(std::min(end.row, log_.size()) - 1), end.lap);
}

void Stream::ReleaseUntil(EventTime until) {
  // Before there are so many files, nothing is complete but what lies before the data.
  const EventTime complete_until =
      ends_.size() < kFilesInAnyOrder ? log_.TimeAt(0) - std::chrono::hours(1) : ends_.front();
  std::string content;
  Position end;
  while (NextEvent() <= until) {
    content += log_.JsonAt(next_.row, next_.lap, complete_until) + '\n';
    end = {next_.lap, next_.row + 1};
    Advance();
  }
  if (content.empty()) {
    return;
  }
  folder_.Release(end, content);
  ends_.push_back(TimeOfEnd(end));
  if (ends_.size() > kFilesInAnyOrder) {
    ends_.pop_front();
  }
}

void Stream::Advance() {
  if (++next_.row == log_.size()) {
    next_ = {next_.lap + 1, 0};
  }
}

Feed::Feed(std::vector<Stream*> streams, std::chrono::seconds prefill)
    : streams_(std::move(streams)) {
  first_ = std::ranges::all_of(streams_, &Stream::IsNew);
  now_ = std::ranges::max(streams_, {}, &Stream::LastEvent)->LastEvent();
  if (first_) {
    now_ += prefill;
  }
}

void Feed::Tick(std::chrono::seconds step) {
  // Every stream is asked, so that each takes note of what was read.
  const auto unread =
      std::ranges::count_if(streams_, [](Stream* stream) { return !stream->NewestWasRead(); });
  if (unread > 0) {
    return;
  }
  if (!std::exchange(first_, false)) {
    now_ += step;
  }
  for (Stream* stream : streams_) {
    stream->ReleaseUntil(now_);
  }
}

void Feed::Prune(std::size_t keep) const {
  for (const Stream* stream : streams_) {
    stream->Prune(keep);
  }
}

}  // namespace streampark::flights
