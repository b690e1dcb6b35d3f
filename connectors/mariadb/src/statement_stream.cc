// SPDX-License-Identifier: Apache-2.0
#include "statement_stream.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <vector>

#include "streampark/base/utf8.h"
#include "streampark/connectors/value_text.h"

#include "mariadb_error.h"
#include "mariadb_types.h"

namespace streampark::connectors::mariadb {
namespace {

constexpr std::size_t kMostBytesOfABatch = 8U << 20U;
constexpr std::size_t kFirstRoom = 256;
constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kDay = 86'400 * kSecond;

using Refusal = std::optional<std::string>;

/// Days since 1970-01-01 (http://howardhinnant.github.io/date_algorithms.html); absent for zero dates.
std::optional<std::int32_t> DaysOf(const MYSQL_TIME& time) {
  if (time.month < 1 || time.month > 12 || time.day < 1 || time.day > 31) {
    return std::nullopt;
  }
  const int year = static_cast<int>(time.year) - (time.month <= 2 ? 1 : 0);
  const int era = (year >= 0 ? year : year - 399) / 400;
  const auto year_of_era = static_cast<unsigned>(year - era * 400);
  const unsigned day_of_year =
      (153 * (time.month > 2 ? time.month - 3 : time.month + 9) + 2) / 5 + time.day - 1;
  const unsigned day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146'097 + static_cast<std::int32_t>(day_of_era) - 719'468;
}

std::int64_t MicrosOf(const MYSQL_TIME& time) {
  return (time.hour * std::int64_t{3'600} + time.minute * 60 + time.second) * kSecond +
         static_cast<std::int64_t>(time.second_part);
}

std::string Shown(const MYSQL_TIME& time) {
  const auto two = [](unsigned value) { return (value < 10 ? "0" : "") + std::to_string(value); };
  if (time.time_type == MYSQL_TIMESTAMP_TIME) {
    return (time.neg != 0 ? "-" : "") + two(time.day * 24 + time.hour) + ":" + two(time.minute) +
           ":" + two(time.second);
  }
  const std::string year = std::to_string(time.year);
  return std::string(4 - std::min<std::size_t>(year.size(), 4), '0') + year + "-" +
         two(time.month) + "-" + two(time.day);
}

/// What the library puts a column's value into.
struct Place {
  WireType from;
  TypeKind to = TypeKind::kString;
  std::vector<char> text;
  std::int64_t whole = 0;
  float narrow = 0;
  double number = 0;
  MYSQL_TIME time{};
  unsigned long length = 0;
  my_bool null = 0;
  my_bool cut = 0;
};

bool IsWholeKind(TypeKind kind) {
  return kind == TypeKind::kBoolean || kind == TypeKind::kInt8 || kind == TypeKind::kInt16 ||
         kind == TypeKind::kInt32 || kind == TypeKind::kInt64;
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
    places_.resize(count);
    binds_.resize(count);
    for (unsigned i = 0; i < count; ++i) {
      Place& place = places_[i];
      place.from = WireType::Of(fields[i]);
      place.to = wanted[i].type.kind();
      if (!CanRead(place.from, wanted[i].type)) {
        return base::Error(base::ErrorCode::kInternal,
                           "'" + wanted[i].name + "' is not read as " + wanted[i].type.ToString());
      }
      MYSQL_BIND& bind = binds_[i];
      std::memset(&bind, 0, sizeof bind);
      bind.length = &place.length;
      bind.is_null = &place.null;
      bind.error = &place.cut;
      Choose(place, bind);
    }
    return BindAgain();
  }

  base::Result<Progress> Read(std::int64_t most, base::Millis /*patience*/, BatchBuilder& rows,
                              std::vector<Refused>& refused) override {
    while (rows.length() < most && rows.bytes() < kMostBytesOfABatch &&
           static_cast<std::int64_t>(refused.size()) < most) {
      const int fetched = my_.mysql_stmt_fetch(statement_.get());
      if (fetched == MYSQL_NO_DATA) {
        return Progress::kEnded;
      }
      if (fetched != 0 && fetched != MYSQL_DATA_TRUNCATED) {
        return ErrorOf(my_, statement_.get());
      }
      SP_TRY(FetchLongTexts());
      TakeRow(rows, refused);
    }
    return Progress::kMore;
  }

 private:
  static void Choose(Place& place, MYSQL_BIND& bind) {
    const auto into = [&](enum_field_types type, void* buffer, std::size_t size) {
      bind.buffer_type = type;
      bind.buffer = buffer;
      bind.buffer_length = size;
    };
    if (place.from.type == MYSQL_TYPE_BIT || !(IsWholeKind(place.to) && place.from.is_whole())) {
      switch (place.to) {
        case TypeKind::kFloat32:
          return into(MYSQL_TYPE_FLOAT, &place.narrow, sizeof place.narrow);
        case TypeKind::kFloat64:
          return into(MYSQL_TYPE_DOUBLE, &place.number, sizeof place.number);
        case TypeKind::kDate:
        case TypeKind::kTimestamp:
        case TypeKind::kTimestampTz:
          return into(MYSQL_TYPE_DATETIME, &place.time, sizeof place.time);
        case TypeKind::kTime:
          return into(MYSQL_TYPE_TIME, &place.time, sizeof place.time);
        default:
          place.text.resize(kFirstRoom);
          return into(MYSQL_TYPE_STRING, place.text.data(), place.text.size());
      }
    }
    bind.is_unsigned = place.from.is_unsigned ? 1 : 0;
    into(MYSQL_TYPE_LONGLONG, &place.whole, sizeof place.whole);
  }

  base::Status BindAgain() {
    return my_.mysql_stmt_bind_result(statement_.get(), binds_.data()) == 0
               ? base::Ok()
               : base::Status(ErrorOf(my_, statement_.get()));
  }

  /// Texts that had too little room; from now on they have enough.
  base::Status FetchLongTexts() {
    bool grown = false;
    for (std::size_t i = 0; i < places_.size(); ++i) {
      Place& place = places_[i];
      if (place.null != 0 || place.text.empty() || place.length <= place.text.size()) {
        continue;
      }
      place.text.resize(std::max<std::size_t>(place.length, place.text.size() * 2));
      binds_[i].buffer = place.text.data();
      binds_[i].buffer_length = place.text.size();
      if (my_.mysql_stmt_fetch_column(statement_.get(), &binds_[i], static_cast<unsigned>(i), 0) !=
          0) {
        return ErrorOf(my_, statement_.get());
      }
      grown = true;
    }
    return grown ? BindAgain() : base::Ok();
  }

  void TakeRow(BatchBuilder& rows, std::vector<Refused>& refused) {
    Refusal refusal = Append(rows);
    if (!refusal) {
      rows.EndRow();
      return;
    }
    rows.CancelRow();
    for (std::size_t i = 0; i < places_.size(); ++i) {
      if (places_[i].null != 0 || AppendValue(i, shown_.column(i))) {
        shown_.column(i).Truncate(0);
        shown_.column(i).AppendNull();
      }
    }
    shown_.EndRow();
    refused.push_back({std::move(*refusal), DebugText(*shown_.Finish(), 0)});
  }

  Refusal Append(BatchBuilder& rows) const {
    for (std::size_t i = 0; i < places_.size(); ++i) {
      const Field& field = schema_->fields()[i];
      if (places_[i].null != 0) {
        if (field.nullability == Nullability::kRequired) {
          return "'" + field.name + "': it is null, and the column is NOT NULL";
        }
        rows.column(i).AppendNull();
      } else if (auto refusal = AppendValue(i, rows.column(i))) {
        return "'" + field.name + "': " + *refusal;
      }
    }
    return std::nullopt;
  }

  Refusal AppendValue(std::size_t index, ColumnBuilder& column) const {
    const Place& place = places_[index];
    const std::string_view text(place.text.data(),
                                std::min<std::size_t>(place.length, place.text.size()));
    switch (place.to) {
      case TypeKind::kBoolean:
        return AppendBoolean(place, text, column);
      case TypeKind::kInt8:
        column.Append(static_cast<std::int8_t>(place.whole));
        return std::nullopt;
      case TypeKind::kInt16:
        column.Append(static_cast<std::int16_t>(place.whole));
        return std::nullopt;
      case TypeKind::kInt32:
        column.Append(static_cast<std::int32_t>(place.whole));
        return std::nullopt;
      case TypeKind::kInt64:
        if (place.from.is_unsigned && place.from.type == MYSQL_TYPE_LONGLONG && place.whole < 0) {
          return std::to_string(static_cast<std::uint64_t>(place.whole)) +
                 " is above BIGINT; ask for it as DECIMAL(20, 0)";
        }
        column.Append(place.whole);
        return std::nullopt;
      case TypeKind::kFloat32:
        column.Append(place.narrow);
        return std::nullopt;
      case TypeKind::kFloat64:
        column.Append(place.number);
        return std::nullopt;
      case TypeKind::kDecimal: {
        const Type& type = schema_->fields()[index].type;
        const auto value = ParseDecimal(text, type.precision(), type.scale());
        if (!value) {
          return std::string(text) + " is no " + type.ToString();
        }
        column.Append(*value);
        return std::nullopt;
      }
      case TypeKind::kDate:
      case TypeKind::kTimestamp:
      case TypeKind::kTimestampTz:
        return AppendMoment(place, column);
      case TypeKind::kTime:
        if (place.time.neg != 0 || place.time.day > 0 || place.time.hour > 23) {
          return Shown(place.time) + " is no time of a day; ask for it as STRING";
        }
        column.Append(MicrosOf(place.time));
        return std::nullopt;
      case TypeKind::kString:
        if (!base::IsUtf8(text)) {
          return "it is no UTF-8";
        }
        column.AppendText(text);
        return std::nullopt;
      default:
        column.AppendText(text);
        return std::nullopt;
    }
  }

  static Refusal AppendBoolean(const Place& place, std::string_view bits, ColumnBuilder& column) {
    const std::int64_t value = place.from.type != MYSQL_TYPE_BIT ? place.whole
                               : bits.size() == 1 ? static_cast<unsigned char>(bits[0])
                                                  : -1;
    if (value < 0 || value > 1) {
      return "it is " + std::to_string(value) + ", neither 0 nor 1";
    }
    column.AppendBoolean(value == 1);
    return std::nullopt;
  }

  static Refusal AppendMoment(const Place& place, ColumnBuilder& column) {
    const auto days = DaysOf(place.time);
    if (!days) {
      return Shown(place.time) + " is no day; ask for it as STRING";
    }
    if (place.to == TypeKind::kDate) {
      column.Append(*days);
    } else {
      column.Append(*days * kDay + MicrosOf(place.time));
    }
    return std::nullopt;
  }

  const Libmariadb& my_;
  const StatementPtr statement_;
  const SchemaPtr schema_;
  BatchBuilder shown_;
  std::vector<Place> places_;
  std::vector<MYSQL_BIND> binds_;
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
