// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <arrow/array.h>
#include <parquet/arrow/schema.h>

#include "streampark/base/result.h"
#include "streampark/connectors/type.h"

#include "value_conversions.h"

namespace streampark::parquet {

enum class Missing : std::uint8_t { kRefused, kNull };

struct Choices {
  Nanoseconds nanoseconds = Nanoseconds::kRefused;
  Missing missing = Missing::kRefused;
};

/// How a column of a file, or a part of one, becomes one of ours.
class ColumnPlan {
 public:
  using FileField = ::parquet::arrow::SchemaField;

  /// A column of `from`, which outlives the plan, by its name. `target` is the Arrow field of `to`; `path` is what `to` is a part of.
  /// VALIDATION_FAILED names the column that is missing, there twice, or of another type.
  static base::Result<ColumnPlan> Make(const std::vector<FileField>& from,
                                       const connectors::Field& to, const arrow::Field& target,
                                       const std::string& path, const Choices& choices);

  const std::string& name() const { return to_.name; }
  bool missing() const { return from_ == nullptr; }
  /// The file's columns that it takes.
  void AddLeaves(std::vector<int>& to) const;

  /// What was read of these leaves, or `length` nulls where the column is missing; see ConvertValues. A value of a part that is refused makes
  /// its whole value refused.
  arrow::Result<ArrayPtr> Convert(const ArrayPtr& values, std::int64_t length,
                                  arrow::MemoryPool* pool, RefusedValues& refused) const;

 private:
  ColumnPlan(const FileField* from, connectors::Field to, TypePtr target, std::string path,
             const Choices& choices)
      : from_(from),
        to_(std::move(to)),
        target_(std::move(target)),
        path_(std::move(path)),
        choices_(choices) {}

  base::Status PlanParts();
  base::Error Unreadable() const;
  arrow::Result<ArrayPtr> ConvertList(const arrow::Array& values, arrow::MemoryPool* pool,
                                      RefusedValues& refused) const;
  arrow::Result<ArrayPtr> ConvertStruct(const arrow::Array& values, arrow::MemoryPool* pool,
                                        RefusedValues& refused) const;
  void RefuseNulls(const arrow::Array& values, RefusedValues& refused) const;

  const FileField* from_;  // null: the file has no such column
  connectors::Field to_;
  TypePtr target_;
  std::string path_;
  Choices choices_;
  std::vector<ColumnPlan> parts_;
};

}  // namespace streampark::parquet
