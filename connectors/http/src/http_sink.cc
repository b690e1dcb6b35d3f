// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>
#include <utility>
#include <vector>

#include "streampark/base/digest.h"
#include "streampark/connectors/state_bytes.h"
#include "streampark/connectors/wake_up.h"

#include "address.h"
#include "sink_plan.h"

namespace streampark::connectors::http {
namespace {

constexpr std::size_t kKeyDigits = 32;

/// Encoded rows, one after another.
class EncodedRows {
 public:
  bool empty() const { return ends_.empty(); }
  std::size_t size() const { return ends_.size(); }
  std::size_t bytes() const { return bytes_.size(); }
  std::string_view row(std::size_t index) const {
    const std::size_t begin = index == 0 ? 0 : ends_[index - 1];
    return std::string_view(bytes_).substr(begin, ends_[index] - begin);
  }
  /// Where the next row is written; then EndRow.
  std::string& open() { return bytes_; }
  void EndRow() { ends_.push_back(bytes_.size()); }
  void Clear() {
    bytes_.clear();
    ends_.clear();
  }

 private:
  std::string bytes_;
  std::vector<std::size_t> ends_;
};

/// Writes rows in requests. What becomes of a request's rows:
///
/// | the answer                        | the rows                                                       |
/// |-----------------------------------|----------------------------------------------------------------|
/// | 2xx                               | are written, but for those that `rejected` names: dirty         |
/// | 400, 413, 422                     | of several each half is sent again, a single one is dirty       |
/// | what may pass                     | the same request again, under the same key                     |
/// | all else                          | fail the attempt                                               |
class HttpWriter final : public SinkWriter {
 public:
  HttpWriter(const SinkPlan& plan, WriterId id, std::unique_ptr<formats::RowEncoder> encoder,
             std::int64_t epoch)
      : plan_(plan),
        id_(std::move(id)),
        encoder_(std::move(encoder)),
        endpoint_(plan.access),
        epoch_(epoch) {
    if (plan_.body == SinkPlan::Body::kLines) {
      encoder_->BeginStream(head_);
    }
  }

  base::Result<std::vector<DirtyRecord>> Write(const Batch& batch) override {
    std::vector<DirtyRecord> dirty;
    for (std::int64_t row = 0; row < batch.length; ++row) {
      if (auto refusal = Encode(batch, row)) {
        dirty.push_back(Dirty(std::move(*refusal), DebugText(batch, row)));
        continue;
      }
      if (rows_.size() == 1) {
        oldest_ = plan_.clock->SteadyNow();
      }
      if (static_cast<std::int64_t>(rows_.size()) == plan_.batch_rows ||
          rows_.bytes() >= plan_.batch_bytes) {
        SP_TRY(SendAll(dirty));
      }
    }
    if (!rows_.empty() && plan_.clock->SteadyNow() - oldest_ >= plan_.batch_age) {
      SP_TRY(SendAll(dirty));
    }
    return dirty;
  }

  base::Status Flush() override {
    std::vector<DirtyRecord> dirty;
    SP_TRY(SendAll(dirty));
    if (dirty.empty()) {
      return base::Ok();
    }
    return base::Error(base::ErrorCode::kValidationFailed,
                       dirty[0].where + " has " + std::to_string(dirty.size()) +
                           " rows that the server refuses, among those that waited for others: " +
                           dirty[0].reason)
        .WithCause(dirty[0].bytes.substr(0, 500))
        .WithHint("without 'batch.age' such rows are dirty records");
  }

  base::Result<std::vector<Committable>> Prepare(std::uint64_t sequence) override {
    SP_TRY(Flush());
    epoch_ = static_cast<std::int64_t>(sequence);
    sent_ = 0;
    return std::vector<Committable>();
  }
  std::string Snapshot() const override { return StateWriter().Number(epoch_).Take(); }

 private:
  std::string Where() const { return "the sink '" + id_.sink + "'"; }
  DirtyRecord Dirty(std::string reason, std::string_view bytes) const {
    return {.where = Where(), .reason = std::move(reason), .bytes = formats::CutRecord(bytes)};
  }

  formats::Refusal Encode(const Batch& batch, std::int64_t row) {
    auto refusal = plan_.body == SinkPlan::Body::kLines
                       ? encoder_->AppendToStream(batch, row, rows_.open())
                       : encoder_->Encode(batch, row, rows_.open());
    if (!refusal) {
      rows_.EndRow();
    }
    return refusal;
  }

  base::Status SendAll(std::vector<DirtyRecord>& dirty) {
    const std::size_t most = plan_.body == SinkPlan::Body::kSingle ? 1 : rows_.size();
    for (std::size_t first = 0; first < rows_.size(); first += most) {
      if (auto sent = SendPart(first, first + most, dirty); !sent.ok()) {
        return std::move(sent).error().Annotate(Where());
      }
    }
    sent_ += static_cast<std::int64_t>(rows_.size());
    rows_.Clear();
    return base::Ok();
  }

  base::Status SendPart(std::size_t first, std::size_t last, std::vector<DirtyRecord>& dirty) {
    auto answer = SendUntilAnswered(RequestOf(first, last));
    if (answer.ok()) {
      return TakeRejected(first, last, answer->response.body, dirty);
    }
    const auto code = answer.error().code();
    if (code != base::ErrorCode::kValidationFailed && code != base::ErrorCode::kPayloadTooLarge) {
      return std::move(answer).error();
    }
    if (last - first == 1) {
      const base::Error& error = answer.error();
      dirty.push_back(
          Dirty(error.message() + (error.cause().empty() ? "" : " (" + error.cause() + ")"),
                rows_.row(first)));
      return base::Ok();
    }
    const std::size_t middle = first + (last - first) / 2;
    SP_TRY(SendPart(first, middle, dirty));
    return SendPart(middle, last, dirty);
  }

  base::HttpRequest RequestOf(std::size_t first, std::size_t last) const {
    base::HttpRequest request{.method = plan_.method, .url = plan_.url};
    const bool array = plan_.body == SinkPlan::Body::kArray;
    request.body = array ? "[" : head_;
    for (std::size_t i = first; i < last; ++i) {
      request.body.append(array && i > first ? "," : "").append(rows_.row(i));
    }
    request.body += array ? "]" : "";
    request.headers.emplace_back("Content-Type", plan_.content_type);
    if (!plan_.key_header.empty()) {
      StateWriter key;
      key.Text(id_.lineage).Text(id_.sink).Number(id_.subtask).Number(epoch_);
      key.Number(sent_ + static_cast<std::int64_t>(first)).Text(request.body);
      request.headers.emplace_back(plan_.key_header,
                                   base::Sha256Hex(key.Take()).substr(0, kKeyDigits));
    }
    return request;
  }

  base::Result<Endpoint::Answer> SendUntilAnswered(const base::HttpRequest& request) {
    Retrying retrying(plan_.retry_for, *plan_.clock);
    for (;;) {
      auto answer = endpoint_.Ask(request, {});
      if (answer.ok() || !answer.error().retryable()) {
        return answer;
      }
      const auto pause = retrying.PauseAfter(answer.error());
      if (!pause.ok()) {
        return pause.error();
      }
      pause_.WaitFor(*pause);
    }
  }

  base::Status TakeRejected(std::size_t first, std::size_t last, const std::string& body,
                            std::vector<DirtyRecord>& dirty) const {
    if (!plan_.rejected || body.empty()) {
      return base::Ok();
    }
    const auto found = formats::FindJson(body, *plan_.rejected);
    if (!found.ok()) {
      return Unclear("it is no JSON: " + found.error().message());
    }
    const auto elements =
        *found ? formats::JsonElements(**found)
               : base::Result<std::vector<std::string_view>>(std::vector<std::string_view>());
    if (!elements.ok()) {
      return Unclear(elements.error().message());
    }
    for (const std::string_view element : *elements) {
      const auto index = IndexIn(element);
      if (!index || *index >= last - first) {
        return Unclear("it names no row of the request: " + std::string(element.substr(0, 100)));
      }
      dirty.push_back(Dirty("the server rejects it: " + std::string(element.substr(0, 500)),
                            rows_.row(first + *index)));
    }
    return base::Ok();
  }

  base::Error Unclear(const std::string& why) const {
    return base::Error(base::ErrorCode::kIllegalState,
                       plan_.method + " " + WithoutQuery(plan_.url) +
                           " does not tell which rows it rejects: " + why)
        .WithHint("look at 'rejected'");
  }

  /// A number, or an object with one as `index`.
  static std::optional<std::size_t> IndexIn(std::string_view element) {
    static const formats::JsonPointer kIndex = *formats::JsonPointer::Parse("/index");
    std::string_view text = element;
    if (element.starts_with('{')) {
      const auto found = formats::FindJson(element, kIndex);
      text = found.ok() && *found ? **found : std::string_view();
    }
    std::size_t index = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), index);
    return read.ec == std::errc() && read.ptr == text.data() + text.size() ? std::optional(index)
                                                                           : std::nullopt;
  }

  const SinkPlan& plan_;
  const WriterId id_;
  const std::unique_ptr<formats::RowEncoder> encoder_;
  Endpoint endpoint_;
  std::string head_;  // of a stream
  EncodedRows rows_;  // that are not sent yet
  base::SteadyTime oldest_;
  std::int64_t epoch_;     // the checkpoint before
  std::int64_t sent_ = 0;  // rows since then
  WakeUpCall pause_;
};

class HttpSink final : public Sink {
 public:
  explicit HttpSink(SinkPlan plan) : plan_(std::move(plan)) {}

  Delivery delivery() const override { return Delivery::kAtLeastOnce; }
  base::Result<std::unique_ptr<SinkWriter>> MakeWriter(const WriterId& id,
                                                       std::string restored) override {
    StateReader in(restored.empty() ? std::string_view("0 ") : std::string_view(restored));
    const std::int64_t epoch = in.Number();
    if (!in.done()) {
      return base::Error(base::ErrorCode::kSnapshotInvalid, "this is no state of an HTTP sink");
    }
    return std::make_unique<HttpWriter>(plan_, id, SP_TRY(plan_.make_encoder()), epoch);
  }
  base::Result<std::unique_ptr<Committer>> MakeCommitter() override {
    return std::unique_ptr<Committer>();
  }

 private:
  const SinkPlan plan_;
};

}  // namespace

std::unique_ptr<Sink> MakeHttpSink(SinkPlan plan) {
  return std::make_unique<HttpSink>(std::move(plan));
}

}  // namespace streampark::connectors::http
