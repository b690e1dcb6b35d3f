// SPDX-License-Identifier: Apache-2.0
#include "sqlite_rows.h"

#include <limits>
#include <vector>

#include "streampark/base/utf8.h"
#include "streampark/connectors/sql/key_text.h"
#include "streampark/connectors/value_text.h"

#include "sqlite_dialect.h"

namespace streampark::connectors::sqlite {
namespace {

using Refusal = std::optional<std::string>;

constexpr std::size_t kMostBytesAtOnce = 8U << 20U;

int BitsOf(TypeKind kind) {
  switch (kind) {
    case TypeKind::kBoolean:
      return 1;
    case TypeKind::kInt8:
      return 8;
    case TypeKind::kInt16:
      return 16;
    case TypeKind::kInt32:
      return 32;
    case TypeKind::kInt64:
      return 64;
    default:
      return 0;
  }
}

class SqliteStream final : public sql::RowStream {
 public:
  SqliteStream(sqlite3* database, StatementHandle select, SchemaPtr schema)
      : database_(database),
        select_(std::move(select)),
        schema_(std::move(schema)),
        shown_(schema_) {}

  base::Result<Progress> Read(std::int64_t most, base::Millis /*patience*/, BatchBuilder& rows,
                              std::vector<Refused>& refused) override {
    while (rows.length() < most && rows.bytes() < kMostBytesAtOnce &&
           static_cast<std::int64_t>(refused.size()) < most) {
      const int step = sqlite3_step(select_.get());
      if (step == SQLITE_DONE) {
        select_.reset();  // the transaction ends next
        return Progress::kEnded;
      }
      if (step != SQLITE_ROW) {
        return ErrorOf(database_);
      }
      if (auto refusal = Append(rows)) {
        rows.CancelRow();
        refused.push_back({std::move(*refusal), Shown()});
      } else {
        rows.EndRow();
      }
    }
    return Progress::kMore;
  }

 private:
  Refusal Append(BatchBuilder& rows) {
    for (std::size_t i = 0; i < schema_->fields().size(); ++i) {
      if (auto refusal = AppendValue(i, rows.column(i))) {
        return "'" + schema_->fields()[i].name + "': " + *refusal;
      }
    }
    return std::nullopt;
  }

  std::string Shown() {
    for (std::size_t i = 0; i < schema_->fields().size(); ++i) {
      if (AppendValue(i, shown_.column(i))) {
        shown_.column(i).Truncate(0);
        shown_.column(i).AppendNull();
      }
    }
    shown_.EndRow();
    return DebugText(*shown_.Finish(), 0);
  }

  std::string_view Text(int column) {
    const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(select_.get(), column));
    return {text != nullptr ? text : "",
            static_cast<std::size_t>(sqlite3_column_bytes(select_.get(), column))};
  }

  Refusal AppendValue(std::size_t index, ColumnBuilder& to) {
    const Field& field = schema_->fields()[index];
    const int column = static_cast<int>(index);
    const int stored = sqlite3_column_type(select_.get(), column);
    const auto no_value = [&] {
      return (stored == SQLITE_BLOB ? "a blob"
                                    : "'" + std::string(Text(column).substr(0, 80)) + "'") +
             " is no " + field.type.ToString();
    };
    if (stored == SQLITE_NULL) {
      if (field.nullability == Nullability::kRequired) {
        return "it is null, and the column is NOT NULL";
      }
      to.AppendNull();
      return std::nullopt;
    }
    const TypeKind kind = field.type.kind();
    if (const int bits = BitsOf(kind); bits > 0) {
      return stored == SQLITE_INTEGER && AppendWhole(column, bits, to) ? std::nullopt
                                                                       : Refusal(no_value());
    }
    switch (kind) {
      case TypeKind::kFloat32:
      case TypeKind::kFloat64: {
        const double value = sqlite3_column_double(select_.get(), column);
        const bool number = stored == SQLITE_FLOAT || stored == SQLITE_INTEGER;
        if (!number ||
            (stored == SQLITE_INTEGER &&
             static_cast<std::int64_t>(value) != sqlite3_column_int64(select_.get(), column))) {
          return no_value();
        }
        if (kind == TypeKind::kFloat32) {
          if (static_cast<double>(static_cast<float>(value)) != value) {
            return no_value();
          }
          to.Append(static_cast<float>(value));
        } else {
          to.Append(value);
        }
        return std::nullopt;
      }
      case TypeKind::kBytes:
        if (stored != SQLITE_BLOB) {
          return no_value();
        }
        to.AppendText({static_cast<const char*>(sqlite3_column_blob(select_.get(), column)),
                       static_cast<std::size_t>(sqlite3_column_bytes(select_.get(), column))});
        return std::nullopt;
      default:
        break;
    }
    const std::string_view text = Text(column);
    if (stored == SQLITE_BLOB || !base::IsUtf8(text) || !AppendParsed(text, field.type, to)) {
      return no_value();
    }
    return std::nullopt;
  }

  bool AppendWhole(int column, int bits, ColumnBuilder& to) {
    const std::int64_t value = sqlite3_column_int64(select_.get(), column);
    switch (bits) {
      case 1:
        if (value != 0 && value != 1) {
          return false;
        }
        to.AppendBoolean(value == 1);
        return true;
      case 8:
        return AppendWithin<std::int8_t>(value, to);
      case 16:
        return AppendWithin<std::int16_t>(value, to);
      case 32:
        return AppendWithin<std::int32_t>(value, to);
      default:
        return AppendWithin<std::int64_t>(value, to);
    }
  }

  template <typename Whole>
  static bool AppendWithin(std::int64_t value, ColumnBuilder& to) {
    if (value < std::numeric_limits<Whole>::min() || value > std::numeric_limits<Whole>::max()) {
      return false;
    }
    to.Append(static_cast<Whole>(value));
    return true;
  }

  static bool AppendParsed(std::string_view text, const Type& type, ColumnBuilder& to) {
    const auto append = [&](const auto& value) {
      if (value) {
        to.Append(*value);
      }
      return value.has_value();
    };
    switch (type.kind()) {
      case TypeKind::kDecimal:
        return append(ParseDecimal(text, type.precision(), type.scale()));
      case TypeKind::kDate:
        return append(ParseDate(text));
      case TypeKind::kTime:
        return append(ParseTime(text));
      case TypeKind::kTimestamp:
        return append(ParseTimestamp(text));
      case TypeKind::kTimestampTz:
        return append(ParseInstant(text, MissingZone::kIsUtc));
      default:
        to.AppendText(text);
        return true;
    }
  }

  sqlite3* const database_;
  StatementHandle select_;
  const SchemaPtr schema_;
  BatchBuilder shown_;
};

/// Whether a column that is declared so keeps values of the type as they are.
bool Takes(const sql::NativeColumn& column, TypeKind kind) {
  const TypeKind natural = column.natural->kind();
  if (BitsOf(kind) > 0) {
    return BitsOf(natural) > 0 || natural == TypeKind::kString || column.code == 0;
  }
  switch (kind) {
    case TypeKind::kFloat32:
    case TypeKind::kFloat64:
      return natural == TypeKind::kFloat64;
    case TypeKind::kBytes:
      return natural == TypeKind::kBytes || column.code == 0;
    case TypeKind::kString:
    case TypeKind::kDecimal:
      return natural == TypeKind::kString;
    case TypeKind::kDate:
    case TypeKind::kTime:
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampTz:
      return natural == kind || natural == TypeKind::kString;
    default:
      return false;
  }
}

class SqliteLoader final : public sql::Loader {
 public:
  SqliteLoader(sqlite3* database, StatementHandle insert, const sql::LoadTarget& target,
               const SchemaPtr& schema)
      : database_(database),
        insert_(std::move(insert)),
        staged_(target.kind == sql::LoadTarget::Kind::kStage),
        rows_(schema) {}

  std::optional<std::string> Append(const Batch& batch, std::int64_t row,
                                    std::int64_t number) override {
    numbers_.push_back(number);
    kinds_.push_back(batch.kind(row));
    for (std::size_t i = 0; i < batch.columns.size(); ++i) {
      rows_.column(i).AppendFrom(batch.columns[i], row);
    }
    rows_.EndRow();
    sent_.reset();
    return std::nullopt;
  }
  std::size_t rows() const override { return numbers_.size(); }

  base::Status Send(std::size_t first, std::size_t last) override {
    if (!sent_) {
      sent_ = rows_.Finish();
    }
    for (std::size_t row = first; row < last; ++row) {
      int place = 1;
      if (staged_) {
        sqlite3_bind_int64(insert_.get(), place++, numbers_[row]);
        sqlite3_bind_int(insert_.get(), place++, static_cast<int>(kinds_[row]));
      }
      for (const Column& column : sent_->columns) {
        Bind(column, static_cast<std::int64_t>(row), place++);
      }
      const int step = sqlite3_step(insert_.get());
      if (step != SQLITE_DONE) {
        auto error = ErrorOf(database_);
        sqlite3_reset(insert_.get());
        return error;
      }
      sqlite3_reset(insert_.get());
    }
    return base::Ok();
  }

  void Clear() override {
    numbers_.clear();
    kinds_.clear();
    if (sent_) {
      rows_.Recycle(std::move(sent_));
    }
    rows_.Recycle(rows_.Finish());
  }

 private:
  void Bind(const Column& column, std::int64_t row, int place) {
    if (column.null(row)) {
      sqlite3_bind_null(insert_.get(), place);
      return;
    }
    switch (column.type.kind()) {
      case TypeKind::kBoolean:
        sqlite3_bind_int(insert_.get(), place, column.bit(row) ? 1 : 0);
        return;
      case TypeKind::kInt8:
        sqlite3_bind_int(insert_.get(), place, column.value<std::int8_t>(row));
        return;
      case TypeKind::kInt16:
        sqlite3_bind_int(insert_.get(), place, column.value<std::int16_t>(row));
        return;
      case TypeKind::kInt32:
        sqlite3_bind_int(insert_.get(), place, column.value<std::int32_t>(row));
        return;
      case TypeKind::kInt64:
        sqlite3_bind_int64(insert_.get(), place, column.value<std::int64_t>(row));
        return;
      case TypeKind::kFloat32:
        sqlite3_bind_double(insert_.get(), place, column.value<float>(row));
        return;
      case TypeKind::kFloat64:
        sqlite3_bind_double(insert_.get(), place, column.value<double>(row));
        return;
      case TypeKind::kBytes: {
        const auto bytes = column.text(row);
        sqlite3_bind_blob64(insert_.get(), place, bytes.empty() ? "" : bytes.data(), bytes.size(),
                            SQLITE_TRANSIENT);
        return;
      }
      default:
        break;
    }
    std::string text = sql::KeyText(column, row);
    if (column.type.kind() == TypeKind::kTimestampTz) {
      text.push_back('Z');
    }
    sqlite3_bind_text64(insert_.get(), place, text.data(), text.size(), SQLITE_TRANSIENT,
                        SQLITE_UTF8);
  }

  sqlite3* const database_;
  const StatementHandle insert_;
  const bool staged_;
  BatchBuilder rows_;
  std::vector<std::int64_t> numbers_;
  std::vector<RowKind> kinds_;
  std::unique_ptr<Batch> sent_;
};

}  // namespace

std::unique_ptr<sql::RowStream> MakeRowStream(sqlite3* database, StatementHandle select,
                                              const SchemaPtr& schema) {
  return std::make_unique<SqliteStream>(database, std::move(select), schema);
}

base::Result<std::unique_ptr<sql::Loader>> MakeRowLoader(sqlite3* database,
                                                         const sql::LoadTarget& target,
                                                         const SchemaPtr& schema) {
  const SqliteDialect dialect;
  sql::Names names;
  if (target.kind == sql::LoadTarget::Kind::kStage) {
    names = {"streampark_row", "streampark_kind"};
  }
  for (std::size_t i = 0; i < target.columns.size(); ++i) {
    const sql::NativeColumn& column = target.columns[i];
    const Type& type = schema->fields()[i].type;
    if (!Takes(column, type.kind())) {
      return base::Error(base::ErrorCode::kValidationFailed,
                         "the column '" + column.name + "', declared " + column.native +
                             ", does not keep " + type.ToString() + " as it is")
          .WithHint("declare it TEXT, or change the rows before the sink");
    }
    names.push_back(column.name);
  }
  std::string marks;
  for (std::size_t i = 0; i < names.size(); ++i) {
    marks += i == 0 ? "?" : ", ?";
  }
  auto insert = SP_TRY(Prepare(database, "INSERT INTO " + target.table + " (" +
                                             dialect.QuoteAll(names) + ") VALUES (" + marks + ")"));
  return std::make_unique<SqliteLoader>(database, std::move(insert), target, schema);
}

}  // namespace streampark::connectors::sqlite
