// SPDX-License-Identifier: Apache-2.0
#include "bulk_loader.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "streampark/connectors/value_text.h"

#include "mariadb_dialect.h"
#include "mariadb_error.h"
#include "mariadb_types.h"
#include "statement_stream.h"

namespace streampark::connectors::mariadb {
namespace {

using Refusal = std::optional<std::string>;

constexpr std::size_t kMostRowsOfAStatement = 8'192;
constexpr std::int64_t kExactInDouble = std::int64_t{1} << 53U;

std::int64_t WholeOf(const Column& column, std::int64_t row) {
  switch (column.type.kind()) {
    case TypeKind::kInt8:
      return column.value<std::int8_t>(row);
    case TypeKind::kInt16:
      return column.value<std::int16_t>(row);
    case TypeKind::kInt32:
      return column.value<std::int32_t>(row);
    default:
      return column.value<std::int64_t>(row);
  }
}

template <typename Number>
void AppendShortest(Number value, std::string& out) {
  std::array<char, 64> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  out.append(digits.data(), end);
}

Refusal AppendFloat(double value, const WireType& to, std::string& out) {
  if (!std::isfinite(value)) {
    return "it is no finite number, and MariaDB has no other";
  }
  if (to.type == MYSQL_TYPE_FLOAT) {
    if (static_cast<double>(static_cast<float>(value)) != value) {
      return "it has more digits than float holds";
    }
    AppendShortest(static_cast<float>(value), out);
  } else {
    AppendShortest(value, out);
  }
  return std::nullopt;
}

/// Texts as the server reads them exactly; what it would round is refused.
Refusal AppendText(const Column& column, std::int64_t row, const WireType& to, std::string& out) {
  const TypeKind kind = column.type.kind();
  const bool number = to.type == MYSQL_TYPE_NEWDECIMAL || to.type == MYSQL_TYPE_DECIMAL;
  switch (kind) {
    case TypeKind::kBoolean:
      out.push_back(to.type == MYSQL_TYPE_BIT ? static_cast<char>(column.bit(row) ? 1 : 0)
                                              : (column.bit(row) ? '1' : '0'));
      return std::nullopt;
    case TypeKind::kInt8:
    case TypeKind::kInt16:
    case TypeKind::kInt32:
    case TypeKind::kInt64: {
      const std::int64_t value = WholeOf(column, row);
      if (to.type == MYSQL_TYPE_DOUBLE && (value > kExactInDouble || value < -kExactInDouble)) {
        return std::to_string(value) + " has more digits than double holds";
      }
      AppendShortest(value, out);
      return std::nullopt;
    }
    case TypeKind::kFloat32:
      return AppendFloat(column.value<float>(row), to, out);
    case TypeKind::kFloat64:
      return AppendFloat(column.value<double>(row), to, out);
    case TypeKind::kString: {
      const std::string_view text = column.text(row);
      out.append(text);
      if (number) {
        const auto point = text.find('.');
        if (text.find_first_not_of("0123456789.-+") != std::string_view::npos) {
          return "'" + std::string(text.substr(0, 80)) + "' is no number";
        }
        if (point != std::string_view::npos &&
            static_cast<int>(text.size() - point - 1) > to.decimals) {
          return "'" + std::string(text.substr(0, 80)) + "' has more than " +
                 std::to_string(to.decimals) + " digits after the point";
        }
      }
      return std::nullopt;
    }
    case TypeKind::kBytes:
      out.append(column.text(row));
      return std::nullopt;
    default:
      break;
  }
  const std::size_t begin = out.size();
  switch (kind) {
    case TypeKind::kDecimal:
      AppendDecimal(column.value<Int128>(row), column.type.scale(), out);
      break;
    case TypeKind::kDate:
      AppendDate(column.value<std::int32_t>(row), out);
      break;
    case TypeKind::kTime:
      AppendTime(column.value<std::int64_t>(row), out);
      break;
    default:
      AppendTimestamp(column.value<std::int64_t>(row), ' ', out);
      break;
  }
  const auto text = [&] { return out.substr(begin); };
  if (kind == TypeKind::kDecimal && number) {
    const auto unscaled = column.value<Int128>(row);
    for (int place = column.type.scale(); place > to.decimals; --place) {
      if (unscaled / PowerOfTen(column.type.scale() - place) % 10 != 0) {
        return text() + " has more than " + std::to_string(to.decimals) + " digits after the point";
      }
    }
  }
  if (kind == TypeKind::kDate || kind == TypeKind::kTimestamp || kind == TypeKind::kTimestampTz) {
    if (out[begin] == '-' || out[begin] == '+') {
      return text() + " is not within the years 0000 and 9999";
    }
  }
  if (kind == TypeKind::kTime || kind == TypeKind::kTimestamp || kind == TypeKind::kTimestampTz) {
    if (!to.is_text() && to.decimals < 6 &&
        column.value<std::int64_t>(row) % static_cast<std::int64_t>(PowerOfTen(6 - to.decimals)) !=
            0) {
      return text() + " has more than " + std::to_string(to.decimals) + " digits of a second";
    }
  }
  if (kind == TypeKind::kTimestampTz && to.is_text()) {
    out.push_back('Z');
  }
  return std::nullopt;
}

class BulkLoader final : public sql::Loader {
 public:
  BulkLoader(const Libmariadb& my, MYSQL* connection, const sql::LoadTarget& target,
             SchemaPtr schema, std::size_t most_bytes)
      : my_(my),
        connection_(connection),
        columns_(target.columns),
        staged_(target.kind == sql::LoadTarget::Kind::kStage ? 2 : 0),
        schema_(std::move(schema)),
        most_bytes_(most_bytes),
        width_(columns_.size() + staged_),
        slots_(width_) {
    for (const sql::NativeColumn& column : columns_) {
      types_.push_back(WireType::Of(column));
    }
    for (std::size_t i = 0; i < width_; ++i) {
      slots_[i].whole = i < staged_ || IsWhole(i - staged_);
    }
  }

  base::Status Open(const std::string& table) {
    const MariadbDialect dialect;
    sql::Names names;
    if (staged_ > 0) {
      names = {"streampark_row", "streampark_kind"};
    }
    for (const auto& column : columns_) {
      names.push_back(column.name);
    }
    std::string marks;
    for (std::size_t i = 0; i < names.size(); ++i) {
      marks += i == 0 ? "?" : ", ?";
    }
    statement_ = SP_TRY(Prepare(
        my_, connection_,
        "INSERT INTO " + table + " (" + dialect.QuoteAll(names) + ") VALUES (" + marks + ")"));
    return base::Ok();
  }

  std::optional<std::string> Append(const Batch& batch, std::int64_t row,
                                    std::int64_t number) override {
    const std::size_t begin = bytes_.size();
    const std::size_t before = values_.size();
    const auto taken_back = [&](std::string why) {
      bytes_.resize(begin);
      values_.resize(before);
      return Refusal(std::move(why));
    };
    if (staged_ > 0) {
      AddWhole(number);
      AddWhole(static_cast<std::int64_t>(batch.kind(row)));
    }
    for (std::size_t i = 0; i < types_.size(); ++i) {
      const Column& column = batch.columns[i];
      if (column.null(row)) {
        values_.push_back({.end = bytes_.size(), .null = 1});
        continue;
      }
      if (slots_[i + staged_].whole) {
        AddWhole(column.type.kind() == TypeKind::kBoolean ? std::int64_t{column.bit(row)}
                                                          : WholeOf(column, row));
        continue;
      }
      if (auto refusal = AppendText(column, row, types_[i], bytes_)) {
        return taken_back("'" + columns_[i].name + "' of the type " + columns_[i].native + ": " +
                          *refusal);
      }
      values_.push_back({.end = bytes_.size(), .null = 0});
    }
    if (bytes_.size() - begin > most_bytes_) {
      return taken_back("it has " + std::to_string(bytes_.size() - begin) +
                        " bytes, and the server's max_allowed_packet takes about " +
                        std::to_string(most_bytes_));
    }
    return std::nullopt;
  }

  std::size_t rows() const override { return values_.size() / width_; }

  base::Status Send(std::size_t first, std::size_t last) override {
    while (first < last) {
      std::size_t end = first;
      std::size_t bytes = 0;
      while (end < last && end - first < limit()) {
        const std::size_t more = BeginOf(end + 1) - BeginOf(end) + width_ * kOverhead;
        if (end > first && bytes + more > most_bytes_) {
          break;
        }
        bytes += more;
        ++end;
      }
      SP_TRY(SendOne(first, end));
      first = end;
    }
    return base::Ok();
  }

  void Clear() override {
    bytes_.clear();
    values_.clear();
  }

 private:
  static constexpr std::size_t kOverhead = 10;  // of a value in a packet

  /// A value is what is between its end and that of the one before.
  struct Value {
    std::uint64_t end : 63;
    std::uint64_t null : 1;
  };

  /// Where the library finds a column's value of the row that it is at.
  struct Slot {
    bool whole = false;  // a number of eight bytes; else a text
    std::int64_t number = 0;
    unsigned long length = 0;
    char null = STMT_INDICATOR_NONE;
  };

  void AddWhole(std::int64_t value) {
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
    values_.push_back({.end = bytes_.size(), .null = 0});
  }

  /// Whether whole numbers go into whole numbers, which no text is needed for.
  bool IsWhole(std::size_t column) const {
    const TypeKind kind = schema_->fields()[column].type.kind();
    return types_[column].is_whole() &&
           (kind == TypeKind::kBoolean || kind == TypeKind::kInt8 || kind == TypeKind::kInt16 ||
            kind == TypeKind::kInt32 || kind == TypeKind::kInt64);
  }

  std::size_t BeginOf(std::size_t row) const {
    return row == 0 ? 0 : values_[row * width_ - 1].end;
  }

  /// Of MySQL, which has no statements of many rows in the binary protocol: one.
  std::size_t limit() const {
    return (connection_->server_capabilities & CLIENT_MYSQL) == 0 ? kMostRowsOfAStatement : 1;
  }

  /// What the library calls before each row of a statement.
  static my_bool TakeRow(void* self, MYSQL_BIND* binds, unsigned row) {
    static_cast<BulkLoader*>(self)->PutRow(row, binds);
    return 0;
  }

  void PutRow(std::size_t row, MYSQL_BIND* binds) {
    std::size_t begin = BeginOf(first_ + row);
    const Value* const values = values_.data() + (first_ + row) * width_;
    for (std::size_t i = 0; i < width_; ++i) {
      Slot& slot = slots_[i];
      const std::size_t end = values[i].end;
      slot.null = values[i].null != 0 ? STMT_INDICATOR_NULL : STMT_INDICATOR_NONE;
      if (!slot.whole) {
        slot.length = end - begin;
        binds[i].buffer = bytes_.data() + begin;
        binds[i].buffer_length = slot.length;
      } else if (end != begin) {
        std::memcpy(&slot.number, bytes_.data() + begin, sizeof slot.number);
      }
      begin = end;
    }
  }

  base::Status SendOne(std::size_t first, std::size_t last) {
    const bool bulk = limit() > 1;
    binds_.resize(width_);
    for (std::size_t i = 0; i < width_; ++i) {
      Slot& slot = slots_[i];
      MYSQL_BIND& bind = binds_[i];
      std::memset(&bind, 0, sizeof bind);
      bind.buffer_type = slot.whole                             ? MYSQL_TYPE_LONGLONG
                         : i >= staged_ && IsBytes(i - staged_) ? MYSQL_TYPE_BLOB
                                                                : MYSQL_TYPE_STRING;
      bind.buffer = &slot.number;
      bind.length = &slot.length;
      if (bulk) {
        bind.u.indicator = &slot.null;
      } else {
        bind.is_null = &slot.null;
      }
    }
    first_ = first;
    if (bulk) {
      const auto rows = static_cast<unsigned>(last - first);
      my_.mysql_stmt_attr_set(statement_.get(), STMT_ATTR_ARRAY_SIZE, &rows);
      my_.mysql_stmt_attr_set(statement_.get(), STMT_ATTR_CB_USER_DATA, this);
      my_.mysql_stmt_attr_set(statement_.get(), STMT_ATTR_CB_PARAM,
                              reinterpret_cast<const void*>(&TakeRow));
    } else {
      PutRow(0, binds_.data());
    }
    if (my_.mysql_stmt_bind_param(statement_.get(), binds_.data()) != 0 ||
        my_.mysql_stmt_execute(statement_.get()) != 0) {
      return ErrorOf(my_, statement_.get());
    }
    if (my_.mysql_warning_count(connection_) > 0) {
      return base::Error(base::ErrorCode::kValidationFailed, FirstWarning());
    }
    return base::Ok();
  }

  bool IsBytes(std::size_t column) const {
    return schema_->fields()[column].type.kind() == TypeKind::kBytes ||
           types_[column].type == MYSQL_TYPE_BIT;
  }

  std::string FirstWarning() {
    constexpr std::string_view kShow = "SHOW WARNINGS LIMIT 1";
    if (my_.mysql_real_query(connection_, kShow.data(), kShow.size()) != 0) {
      return "the server warned of something";
    }
    const ResultPtr result(my_.mysql_store_result(connection_), FreeResult{&my_});
    const MYSQL_ROW row = result ? my_.mysql_fetch_row(result.get()) : nullptr;
    return row != nullptr && row[2] != nullptr ? row[2] : "the server warned of something";
  }

  const Libmariadb& my_;
  MYSQL* const connection_;
  const std::vector<sql::NativeColumn> columns_;
  const std::size_t staged_;  // columns of a stage before those
  const SchemaPtr schema_;
  const std::size_t most_bytes_;
  const std::size_t width_;  // columns in all
  std::vector<WireType> types_;
  StatementPtr statement_{nullptr, CloseStatement{nullptr}};
  std::string bytes_;          // of all values, row by row
  std::vector<Value> values_;  // those of each row
  std::vector<Slot> slots_;
  std::vector<MYSQL_BIND> binds_;
  std::size_t first_ = 0;  // row of the statement that is being sent
};

}  // namespace

base::Result<std::unique_ptr<sql::Loader>> MakeBulkLoader(const Libmariadb& my, MYSQL* connection,
                                                          const sql::LoadTarget& target,
                                                          const SchemaPtr& schema,
                                                          std::size_t most_bytes) {
  for (std::size_t i = 0; i < target.columns.size(); ++i) {
    const Type& type = schema->fields()[i].type;
    if (!CanWrite(WireType::Of(target.columns[i]), type)) {
      return base::Error(base::ErrorCode::kValidationFailed,
                         "the column '" + target.columns[i].name + "' of the type " +
                             target.columns[i].native + " does not take " + type.ToString())
          .WithHint("change the column, or the rows before the sink");
    }
  }
  auto loader = std::make_unique<BulkLoader>(my, connection, target, schema, most_bytes);
  SP_TRY(loader->Open(target.table));
  return loader;
}

}  // namespace streampark::connectors::mariadb
