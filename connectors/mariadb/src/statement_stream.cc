// SPDX-License-Identifier: Apache-2.0
#include "statement_stream.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <vector>

#include "streampark/base/utf8.h"
#include "streampark/connectors/value_text.h"

#include "mariadb_error.h"
#include "mariadb_types.h"

namespace streampark::connectors::mariadb {
namespace {

constexpr std::size_t kMostBytesOfABatch = 8U << 20U;
constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kDay = 86'400 * kSecond;

using Refusal = std::optional<std::string>;

/// Numbers as the protocol has them: the least byte first, as this machine.
template <typename T>
T FromWire(std::string_view bytes, std::size_t at = 0) {
  static_assert(std::endian::native == std::endian::little);
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

/// A day with or without a time of it, or, with `day` beyond 31 too, a length of time. What is cut off at the end of a value is zero.
struct Moment {
  unsigned year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, micros = 0;
  bool negative = false;

  /// Of 0, 4, 7 or 11 bytes.
  static Moment OfDay(std::string_view bytes) {
    Moment moment;
    if (bytes.size() >= 4) {
      moment.year = FromWire<std::uint16_t>(bytes);
      moment.month = FromWire<std::uint8_t>(bytes, 2);
      moment.day = FromWire<std::uint8_t>(bytes, 3);
    }
    if (bytes.size() >= 7) {
      moment.TakeTime(bytes.substr(4));
    }
    return moment;
  }
  /// Of 0, 8 or 12 bytes.
  static Moment OfTime(std::string_view bytes) {
    Moment moment;
    if (bytes.size() >= 8) {
      moment.negative = bytes[0] != 0;
      moment.day = FromWire<std::uint32_t>(bytes, 1);
      moment.TakeTime(bytes.substr(5));
    }
    return moment;
  }

  /// Days since 1970-01-01 (http://howardhinnant.github.io/date_algorithms.html); absent for zero dates.
  std::optional<std::int32_t> days() const {
    if (month < 1 || month > 12 || day < 1 || day > 31) {
      return std::nullopt;
    }
    const int march_year = static_cast<int>(year) - (month <= 2 ? 1 : 0);
    const int era = (march_year >= 0 ? march_year : march_year - 399) / 400;
    const auto year_of_era = static_cast<unsigned>(march_year - era * 400);
    const unsigned day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    const unsigned day_of_era =
        year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146'097 + static_cast<std::int32_t>(day_of_era) - 719'468;
  }
  std::int64_t micros_of_day() const {
    return (hour * std::int64_t{3'600} + minute * 60 + second) * kSecond + micros;
  }

  std::string ShownDay() const {
    const std::string shown = std::to_string(year);
    return std::string(4 - std::min<std::size_t>(shown.size(), 4), '0') + shown + "-" + Two(month) +
           "-" + Two(day);
  }
  std::string ShownTime() const {
    return (negative ? "-" : "") + Two(day * 24 + hour) + ":" + Two(minute) + ":" + Two(second);
  }

 private:
  static std::string Two(unsigned value) { return (value < 10 ? "0" : "") + std::to_string(value); }

  void TakeTime(std::string_view bytes) {
    hour = FromWire<std::uint8_t>(bytes);
    minute = FromWire<std::uint8_t>(bytes, 1);
    second = FromWire<std::uint8_t>(bytes, 2);
    micros = bytes.size() >= 7 ? FromWire<std::uint32_t>(bytes, 3) : 0;
  }
};

/// Where a column's value is in the row that was fetched last.
struct Place {
  WireType from;
  Type to;
  std::size_t width = 0;  // of values of fixed width; 0: a length goes before each
  bool null = false;
  std::string_view bytes;  // the library's, until the next fetch
};

std::size_t WidthOf(enum_field_types type) {
  switch (type) {
    case MYSQL_TYPE_TINY:
      return 1;
    case MYSQL_TYPE_SHORT:
    case MYSQL_TYPE_YEAR:
      return 2;
    case MYSQL_TYPE_INT24:
    case MYSQL_TYPE_LONG:
    case MYSQL_TYPE_FLOAT:
      return 4;
    case MYSQL_TYPE_LONGLONG:
    case MYSQL_TYPE_DOUBLE:
      return 8;
    default:
      return 0;
  }
}

/// https://mariadb.com/kb/en/protocol-data-types/#length-encoded-integers
std::size_t TakeLength(unsigned char*& at) {
  const unsigned char first = *at++;
  const std::size_t more = first < 251 ? 0 : first == 252 ? 2 : first == 253 ? 3 : 8;
  std::uint64_t length = more == 0 ? first : 0;
  std::memcpy(&length, at, more);
  at += more;
  return length;
}

/// What the library calls for each value of a row; `row` is null for a null, and else goes on behind the value.
void TakePlace(void* places, unsigned column, unsigned char** row) {
  Place& place = static_cast<Place*>(places)[column];
  place.null = row == nullptr;
  if (place.null) {
    return;
  }
  const std::size_t size = place.width != 0 ? place.width : TakeLength(*row);
  place.bytes = {reinterpret_cast<const char*>(*row), size};
  *row += size;
}

std::int64_t WholeOf(const Place& place) {
  const std::string_view bytes = place.bytes;
  switch (place.width) {
    case 1:
      return place.from.is_unsigned ? FromWire<std::uint8_t>(bytes) : FromWire<std::int8_t>(bytes);
    case 2:
      return place.from.is_unsigned ? FromWire<std::uint16_t>(bytes)
                                    : FromWire<std::int16_t>(bytes);
    case 4:
      return place.from.is_unsigned ? std::int64_t{FromWire<std::uint32_t>(bytes)}
                                    : FromWire<std::int32_t>(bytes);
    default:
      return FromWire<std::int64_t>(bytes);
  }
}

bool IsBeyondBigint(const Place& place, std::int64_t value) {
  return place.width == 8 && place.from.is_unsigned && value < 0;
}

double NumberOf(const Place& place) {
  return place.from.type == MYSQL_TYPE_FLOAT    ? FromWire<float>(place.bytes)
         : place.from.type == MYSQL_TYPE_DOUBLE ? FromWire<double>(place.bytes)
                                                : static_cast<double>(WholeOf(place));
}

Refusal AppendBoolean(const Place& place, ColumnBuilder& column) {
  const std::int64_t value = place.from.type != MYSQL_TYPE_BIT ? WholeOf(place)
                             : place.bytes.size() == 1 ? static_cast<unsigned char>(place.bytes[0])
                                                       : -1;
  if (value < 0 || value > 1) {
    return "it is " + std::to_string(value) + ", neither 0 nor 1";
  }
  column.AppendBoolean(value == 1);
  return std::nullopt;
}

Refusal AppendNumber(const Place& place, ColumnBuilder& column) {
  std::string whole;
  if (place.from.is_whole()) {
    const std::int64_t value = WholeOf(place);
    whole = IsBeyondBigint(place, value) ? std::to_string(static_cast<std::uint64_t>(value))
                                         : std::to_string(value);
  }
  const std::string_view text = place.from.is_whole() ? whole : place.bytes;
  const auto value = ParseDecimal(text, place.to.precision(), place.to.scale());
  if (!value) {
    return std::string(text) + " is no " + place.to.ToString();
  }
  column.Append(*value);
  return std::nullopt;
}

Refusal AppendMoment(const Place& place, ColumnBuilder& column) {
  const Moment moment = Moment::OfDay(place.bytes);
  const auto days = moment.days();
  if (!days) {
    return moment.ShownDay() + " is no day; ask for it as STRING";
  }
  if (place.to.kind() == TypeKind::kDate) {
    column.Append(*days);
  } else {
    column.Append(*days * kDay + moment.micros_of_day());
  }
  return std::nullopt;
}

Refusal AppendTimeOfDay(const Place& place, ColumnBuilder& column) {
  const Moment moment = Moment::OfTime(place.bytes);
  if (moment.negative || moment.day > 0 || moment.hour > 23) {
    return moment.ShownTime() + " is no time of a day; ask for it as STRING";
  }
  column.Append(moment.micros_of_day());
  return std::nullopt;
}

Refusal AppendValue(const Place& place, ColumnBuilder& column) {
  switch (place.to.kind()) {
    case TypeKind::kBoolean:
      return AppendBoolean(place, column);
    case TypeKind::kInt8:
      column.Append(static_cast<std::int8_t>(WholeOf(place)));
      return std::nullopt;
    case TypeKind::kInt16:
      column.Append(static_cast<std::int16_t>(WholeOf(place)));
      return std::nullopt;
    case TypeKind::kInt32:
      column.Append(static_cast<std::int32_t>(WholeOf(place)));
      return std::nullopt;
    case TypeKind::kInt64: {
      const std::int64_t value = WholeOf(place);
      if (IsBeyondBigint(place, value)) {
        return std::to_string(static_cast<std::uint64_t>(value)) +
               " is above BIGINT; ask for it as DECIMAL(20, 0)";
      }
      column.Append(value);
      return std::nullopt;
    }
    case TypeKind::kFloat32:
      column.Append(static_cast<float>(NumberOf(place)));
      return std::nullopt;
    case TypeKind::kFloat64:
      column.Append(NumberOf(place));
      return std::nullopt;
    case TypeKind::kDecimal:
      return AppendNumber(place, column);
    case TypeKind::kDate:
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampTz:
      return AppendMoment(place, column);
    case TypeKind::kTime:
      return AppendTimeOfDay(place, column);
    case TypeKind::kString:
      if (!base::IsUtf8(place.bytes)) {
        return "it is no UTF-8";
      }
      [[fallthrough]];
    default:
      column.AppendText(place.bytes);
      return std::nullopt;
  }
}

class StatementStream final : public sql::RowStream {
 public:
  StatementStream(const Libmariadb& my, StatementPtr statement, SchemaPtr schema)
      : my_(my), statement_(std::move(statement)), schema_(std::move(schema)), shown_(schema_) {}

  base::Status Bind(const MYSQL_FIELD* fields, unsigned count) {
    const auto& wanted = schema_->fields();
    if (count != wanted.size()) {
      return base::Error(base::ErrorCode::kInternal, "a select of " + std::to_string(count) +
                                                         " columns is read as " +
                                                         std::to_string(wanted.size()));
    }
    for (unsigned i = 0; i < count; ++i) {
      const WireType from = WireType::Of(fields[i]);
      if (!CanRead(from, wanted[i].type)) {
        return base::Error(base::ErrorCode::kInternal,
                           "'" + wanted[i].name + "' is not read as " + wanted[i].type.ToString());
      }
      places_.push_back({.from = from, .to = wanted[i].type, .width = WidthOf(fields[i].type)});
    }
    // Binding would convert and copy each value.
    my_.mysql_stmt_attr_set(statement_.get(), STMT_ATTR_CB_USER_DATA, places_.data());
    my_.mysql_stmt_attr_set(statement_.get(), STMT_ATTR_CB_RESULT,
                            reinterpret_cast<const void*>(&TakePlace));
    return base::Ok();
  }

  base::Result<Progress> Read(std::int64_t most, base::Millis /*patience*/, BatchBuilder& rows,
                              std::vector<Refused>& refused) override {
    while (rows.length() < most && rows.bytes() < kMostBytesOfABatch &&
           static_cast<std::int64_t>(refused.size()) < most) {
      const int fetched = my_.mysql_stmt_fetch(statement_.get());
      if (fetched == MYSQL_NO_DATA) {
        return Progress::kEnded;
      }
      if (fetched != 0) {
        return ErrorOf(my_, statement_.get());
      }
      TakeRow(rows, refused);
    }
    return Progress::kMore;
  }

 private:
  void TakeRow(BatchBuilder& rows, std::vector<Refused>& refused) {
    Refusal refusal = Append(rows);
    if (!refusal) {
      rows.EndRow();
      return;
    }
    rows.CancelRow();
    for (std::size_t i = 0; i < places_.size(); ++i) {
      if (places_[i].null || AppendValue(places_[i], shown_.column(i))) {
        shown_.column(i).Truncate(0);
        shown_.column(i).AppendNull();
      }
    }
    shown_.EndRow();
    refused.push_back({std::move(*refusal), DebugText(*shown_.Finish(), 0)});
  }

  Refusal Append(BatchBuilder& rows) const {
    for (std::size_t i = 0; i < places_.size(); ++i) {
      if (places_[i].null) {
        const Field& field = schema_->fields()[i];
        if (field.nullability == Nullability::kRequired) {
          return "'" + field.name + "': it is null, and the column is NOT NULL";
        }
        rows.column(i).AppendNull();
      } else if (auto refusal = AppendValue(places_[i], rows.column(i))) {
        return "'" + schema_->fields()[i].name + "': " + *refusal;
      }
    }
    return std::nullopt;
  }

  const Libmariadb& my_;
  const StatementPtr statement_;
  const SchemaPtr schema_;
  BatchBuilder shown_;
  std::vector<Place> places_;
};

}  // namespace

base::Result<StatementPtr> Prepare(const Libmariadb& my, MYSQL* connection,
                                   const std::string& statement) {
  StatementPtr prepared(my.mysql_stmt_init(connection), CloseStatement{&my});
  if (!prepared) {
    return base::Error(base::ErrorCode::kInternal, "no memory for a statement");
  }
  if (my.mysql_stmt_prepare(prepared.get(), statement.data(), statement.size()) != 0) {
    return ErrorOf(my, prepared.get());
  }
  return prepared;
}

base::Result<std::unique_ptr<sql::RowStream>> OpenStatementStream(const Libmariadb& my,
                                                                  MYSQL* connection,
                                                                  const std::string& select,
                                                                  const SchemaPtr& schema) {
  auto statement = SP_TRY(Prepare(my, connection, select));
  const ResultPtr result(my.mysql_stmt_result_metadata(statement.get()), FreeResult{&my});
  if (!result) {
    return ErrorOf(my, statement.get());
  }
  if (my.mysql_stmt_execute(statement.get()) != 0) {
    return ErrorOf(my, statement.get());
  }
  auto stream = std::make_unique<StatementStream>(my, std::move(statement), schema);
  SP_TRY(stream->Bind(my.mysql_fetch_fields(result.get()), my.mysql_num_fields(result.get())));
  return stream;
}

}  // namespace streampark::connectors::mariadb
