// SPDX-License-Identifier: Apache-2.0
#include "streampark/connectors/testing/rows.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "streampark/base/check.h"
#include "streampark/connectors/batch_builder.h"

namespace streampark::connectors::testing {
namespace {

const base::Clock& TheClock() {
  static const base::SystemClock kClock;
  return kClock;
}

void AppendNumbered(const Field& field, std::int64_t n, ColumnBuilder& column) {
  if (field.nullability == Nullability::kNullable && n % 5 == 4) {
    return column.AppendNull();
  }
  switch (field.type.kind()) {
    case TypeKind::kInt32:
      return column.Append(static_cast<std::int32_t>(n));
    case TypeKind::kInt64:
      return column.Append(n);
    case TypeKind::kFloat64:
      return column.Append(static_cast<double>(n) + 0.5);
    case TypeKind::kString:
      return column.AppendText("row " + std::to_string(n));
    default:
      SP_CHECK(!"a type that NumberedRows makes");
  }
}

template <typename Made>
std::string Refusal(const base::Result<Made>& made) {
  return made.ok() ? "" : made.error().ToString();
}

base::Result<std::unique_ptr<Source>> TrySource(const Connector& connector, const Given& given,
                                                const SchemaPtr& schema) {
  auto options = SP_TRY(connector.options().Read(given, OptionUse::kSource));
  return connector.MakeSource(
      {.options = std::move(options), .schema = schema, .clock = &TheClock()});
}

base::Result<std::unique_ptr<Sink>> TrySink(const Connector& connector, const Given& given,
                                            const SchemaPtr& schema) {
  auto options = SP_TRY(connector.options().Read(given, OptionUse::kSink));
  return connector.MakeSink(
      {.options = std::move(options), .schema = schema, .clock = &TheClock()});
}

}  // namespace

SchemaPtr SchemaOf(std::string_view text) {
  return std::make_shared<const Schema>(Schema::Parse(text).value());
}

Strings RowsOf(const Batch& batch) {
  Strings rows;
  AddRows(batch, rows);
  return rows;
}

void AddRows(const Batch& batch, Strings& to) {
  for (std::int64_t row = 0; row < batch.length; ++row) {
    to.push_back(DebugText(batch, row));
  }
}

Strings Sorted(Strings rows) {
  std::ranges::sort(rows);
  return rows;
}

std::unique_ptr<Batch> NumberedRows(const SchemaPtr& schema, std::int64_t first,
                                    std::int64_t count) {
  BatchBuilder rows(schema);
  for (std::int64_t n = first; n < first + count; ++n) {
    for (std::size_t i = 0; i < schema->fields().size(); ++i) {
      AppendNumbered(schema->fields()[i], n, rows.column(i));
    }
    rows.EndRow();
  }
  return rows.Finish();
}

Strings NumberedTexts(const SchemaPtr& schema, std::int64_t first, std::int64_t count) {
  return RowsOf(*NumberedRows(schema, first, count));
}

std::unique_ptr<Source> SourceOf(const Connector& connector, const Given& given,
                                 const SchemaPtr& schema) {
  auto made = TrySource(connector, given, schema);
  EXPECT_EQ(Refusal(made), "");
  return std::move(made).value();
}

std::unique_ptr<Sink> SinkOf(const Connector& connector, const Given& given,
                             const SchemaPtr& schema) {
  auto made = TrySink(connector, given, schema);
  EXPECT_EQ(Refusal(made), "");
  return std::move(made).value();
}

std::string SourceRefusal(const Connector& connector, const Given& given, const SchemaPtr& schema) {
  return Refusal(TrySource(connector, given, schema));
}

std::string SinkRefusal(const Connector& connector, const Given& given, const SchemaPtr& schema) {
  return Refusal(TrySink(connector, given, schema));
}

Strings ReadToTheEnd(SplitReader& reader, std::size_t splits) {
  Strings rows;
  while (splits > 0) {
    auto read = reader.Read(base::Millis(1'000));
    if (!read.ok()) {
      ADD_FAILURE() << read.error().ToString();
      return rows;
    }
    for (const auto& dirty : read->dirty) {
      rows.push_back("dirty: " + dirty.where + ": " + dirty.reason);
    }
    if (read->batch) {
      AddRows(*read->batch, rows);
      reader.Recycle(std::move(read->batch));
    }
    splits -= read->ended.size();
  }
  return rows;
}

}  // namespace streampark::connectors::testing
