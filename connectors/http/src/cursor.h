// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "streampark/base/result.h"
#include "streampark/connectors/batch.h"

namespace streampark::connectors::http {

/// A column whose values grow: whole numbers, dates, times of day and timestamps by their size, texts by their bytes.
class CursorColumn {
 public:
  /// Whether values of this type are ordered so.
  static bool Orders(const Type& type);

  CursorColumn(std::size_t at, Type type) : at_(at), type_(std::move(type)) {}

  /// What `text` says must be a value of the type: VALIDATION_FAILED.
  base::Status SetBound(std::string_view text);
  /// Whether the row's value is beyond the bound, or null, or there is no bound.
  bool IsBeyond(const Batch& batch, std::int64_t row) const;
  /// Makes `greatest`, a text of the same kind or empty, the row's value when that is greater.
  void Raise(const Batch& batch, std::int64_t row, std::string& greatest);

 private:
  struct Value {
    std::int64_t whole = 0;
    std::string text;
    bool operator<(const Value& other) const {
      return whole != other.whole ? whole < other.whole : text < other.text;
    }
  };
  Value At(const Column& column, std::int64_t row) const;
  std::optional<Value> Parse(std::string_view text) const;

  std::size_t at_;
  Type type_;
  std::optional<Value> bound_;
  std::optional<Value> greatest_;  // of the text below
  std::string greatest_text_;
};

}  // namespace streampark::connectors::http
