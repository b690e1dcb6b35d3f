// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "streampark/formats/format.h"

#include "json_cursor.h"

namespace streampark::formats {

enum class UnknownFields : std::uint8_t { kIgnored, kRefused };
enum class MissingFields : std::uint8_t { kNull, kRefused };
/// What a number means where a time is wanted (in a DATE it is days); texts are ISO or SQL in every case.
enum class TimestampForm : std::uint8_t { kIso, kSql, kSeconds, kMillis, kMicros };

struct JsonRules {
  UnknownFields unknown = UnknownFields::kIgnored;
  MissingFields missing = MissingFields::kNull;
  TimestampForm timestamps = TimestampForm::kIso;
};

/// Objects to rows of a schema, in one pass: fields are expected in the order of the last object, and found by name
/// when they come in another.
class JsonRows {
 public:
  JsonRows(const connectors::Schema& schema, JsonRules rules);

  /// Reads one object and appends its fields to the row that is being built, without ending it. False: the reason is
  /// in `refusal()`, and the row has to be cancelled.
  bool ReadRow(JsonCursor& in, BatchBuilder& rows);
  const std::string& refusal() const { return refusal_; }
  /// `what` in the words of the cursor, with its place.
  std::string Describe(const JsonCursor& in) const;

 private:
  struct Plan {
    std::string name;
    connectors::Type type;
    bool required = false;
    std::vector<Plan> children;
    std::size_t expected = 0;  // of the children, the one to come next
  };
  static Plan PlanOf(const connectors::Field& field);

  template <typename ColumnOf>
  bool ReadFields(JsonCursor& in, Plan& plan, std::int64_t length, const ColumnOf& column_of);
  template <typename ColumnOf>
  bool FillMissing(Plan& plan, std::int64_t length, const ColumnOf& column_of);
  bool ReadName(JsonCursor& in, Plan& plan, std::size_t& field);
  bool ReadValue(JsonCursor& in, Plan& plan, connectors::ColumnBuilder& column);
  bool ReadQuoted(JsonCursor& in, const Plan& plan, connectors::ColumnBuilder& column);
  bool ReadNumber(JsonCursor& in, const Plan& plan, connectors::ColumnBuilder& column);
  bool ReadBoolean(JsonCursor& in, const Plan& plan, connectors::ColumnBuilder& column);
  bool ReadArray(JsonCursor& in, Plan& plan, connectors::ColumnBuilder& column);
  bool ReadObject(JsonCursor& in, Plan& plan, connectors::ColumnBuilder& column);
  bool ReadMap(JsonCursor& in, Plan& plan, connectors::ColumnBuilder& column);
  bool KeepRaw(JsonCursor& in, const Plan& plan, connectors::ColumnBuilder& column);
  bool AppendInstant(std::string_view number, const Plan& plan, connectors::ColumnBuilder& column);
  bool Refuse(const Plan& plan, std::string_view text, std::string_view why);
  bool Refuse(const JsonCursor& in, const Plan& plan);

  Plan root_;
  JsonRules rules_;
  std::string scratch_;
  std::string refusal_;
};

}  // namespace streampark::formats
