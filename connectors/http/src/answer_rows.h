// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "streampark/connectors/batch_builder.h"
#include "streampark/connectors/source.h"

#include "source_plan.h"

namespace streampark::connectors::http {

/// Makes a batch of a page.
class AnswerRows {
 public:
  struct Page {
    std::unique_ptr<Batch> batch;  // absent without rows
    std::vector<DirtyRecord> dirty;
    std::int64_t records = 0;  // of the body, also those that are no rows or are left out
  };

  static base::Result<std::unique_ptr<AnswerRows>> Make(const SourcePlan& plan);

  /// `where` is for people. Rows that are not beyond `cursor` are left out, and `greatest` grows with the others. ILLEGAL_STATE when the body
  /// is not what it should be.
  base::Result<Page> Read(std::string_view body, const std::string& where,
                          const std::string& cursor, std::string& greatest);
  void Recycle(std::unique_ptr<Batch> batch) { rows_.Recycle(std::move(batch)); }

 private:
  AnswerRows(const SourcePlan& plan, std::unique_ptr<formats::RowDecoder> decoder)
      : plan_(plan),
        decoder_(std::move(decoder)),
        rows_(plan.schema),
        kept_(plan.schema),
        cursor_(plan.cursor) {}
  base::Status ReadDocument(std::string_view body, const std::string& where, Page& page);
  base::Status ReadStream(std::string_view body, const std::string& where, Page& page);
  void Take(std::string_view record, const std::string& where, Page& page);
  base::Result<std::unique_ptr<Batch>> LeaveOut(std::unique_ptr<Batch> batch,
                                                const std::string& cursor, std::string& greatest);

  const SourcePlan& plan_;
  const std::unique_ptr<formats::RowDecoder> decoder_;
  BatchBuilder rows_;
  BatchBuilder kept_;
  std::optional<CursorColumn> cursor_;
};

}  // namespace streampark::connectors::http
