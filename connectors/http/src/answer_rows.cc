// SPDX-License-Identifier: Apache-2.0
#include "answer_rows.h"

#include <limits>
#include <utility>

namespace streampark::connectors::http {
namespace {

base::Error NotAsItShouldBe(const std::string& where, const std::string& why) {
  return base::Error(base::ErrorCode::kIllegalState, where + ": the answer " + why);
}

}  // namespace

base::Result<std::unique_ptr<AnswerRows>> AnswerRows::Make(const SourcePlan& plan) {
  return std::unique_ptr<AnswerRows>(new AnswerRows(plan, SP_TRY(plan.make_decoder())));
}

base::Result<AnswerRows::Page> AnswerRows::Read(std::string_view body, const std::string& where,
                                                const std::string& cursor, std::string& greatest) {
  Page page;
  const auto read = plan_.body == SourcePlan::Body::kDocument ? ReadDocument(body, where, page)
                                                              : ReadStream(body, where, page);
  auto batch = rows_.Finish();
  SP_TRY(read);
  if (cursor_) {
    batch = SP_TRY(LeaveOut(std::move(batch), cursor, greatest));
  }
  if (batch->length > 0) {
    page.batch = std::move(batch);
  }
  return page;
}

void AnswerRows::Take(std::string_view record, const std::string& where, Page& page) {
  if (auto reason = decoder_->Decode(record, rows_)) {
    page.dirty.push_back({.where = where + ", record " + std::to_string(page.records),
                          .reason = std::move(*reason),
                          .bytes = formats::CutRecord(record)});
  }
  ++page.records;
}

base::Status AnswerRows::ReadDocument(std::string_view body, const std::string& where, Page& page) {
  if (!plan_.is_json) {
    if (!body.empty()) {
      Take(body, where, page);
    }
    return base::Ok();
  }
  const auto found = formats::FindJson(body, plan_.records);
  if (!found.ok()) {
    return NotAsItShouldBe(where, found.error().message());
  }
  if (!*found) {
    return NotAsItShouldBe(where, "has nothing where 'records' says");
  }
  const auto elements = formats::JsonElements(plan_.records.steps().empty() ? body : **found);
  if (!elements.ok()) {
    return NotAsItShouldBe(where, elements.error().message());
  }
  for (const std::string_view element : *elements) {
    Take(element, where, page);
  }
  return base::Ok();
}

base::Status AnswerRows::ReadStream(std::string_view body, const std::string& where, Page& page) {
  if (body.empty()) {
    return base::Ok();
  }
  const auto head = decoder_->ReadHead(body, formats::ChunkEnd::kEndOfStream);
  if (!head.ok() || !*head) {
    return NotAsItShouldBe(where, head.ok() ? "ends within its head" : head.error().message());
  }
  body.remove_prefix(**head);
  constexpr formats::BatchLimit kAll{.rows = std::numeric_limits<std::int64_t>::max(),
                                     .bytes = std::numeric_limits<std::size_t>::max()};
  while (!body.empty()) {
    std::vector<formats::RefusedRecord> refused;
    const auto progress =
        decoder_->DecodeChunk(body, formats::ChunkEnd::kEndOfStream, kAll, rows_, refused);
    if (!progress.ok()) {
      return NotAsItShouldBe(where, progress.error().message());
    }
    if (progress->consumed == 0) {
      return NotAsItShouldBe(where, "ends within a record");
    }
    for (formats::RefusedRecord& one : refused) {
      page.dirty.push_back(
          {.where = where + ", record " + std::to_string(page.records + one.record),
           .reason = std::move(one.reason),
           .bytes = std::move(one.bytes)});
    }
    page.records += progress->records;
    body.remove_prefix(progress->consumed);
  }
  return base::Ok();
}

base::Result<std::unique_ptr<Batch>> AnswerRows::LeaveOut(std::unique_ptr<Batch> batch,
                                                          const std::string& cursor,
                                                          std::string& greatest) {
  SP_TRY(cursor_->SetBound(cursor));
  bool all = true;
  for (std::int64_t row = 0; row < batch->length; ++row) {
    all = all && (!plan_.skips_seen || cursor_->IsBeyond(*batch, row));
    cursor_->Raise(*batch, row, greatest);
  }
  if (all) {
    return batch;
  }
  for (std::int64_t row = 0; row < batch->length; ++row) {
    if (cursor_->IsBeyond(*batch, row)) {
      kept_.AppendFrom(*batch, row);
    }
  }
  rows_.Recycle(std::move(batch));
  return kept_.Finish();
}

}  // namespace streampark::connectors::http
