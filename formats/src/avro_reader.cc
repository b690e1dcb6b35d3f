// SPDX-License-Identifier: Apache-2.0
#include "avro_reader.h"

#include <algorithm>
#include <limits>

#include "streampark/base/utf8.h"
#include "streampark/connectors/value_text.h"

namespace streampark::formats {
namespace {

using connectors::ColumnBuilder;
using connectors::Field;
using connectors::Int128;
using connectors::Nullability;
using connectors::TypeKind;
using Kind = AvroType::Kind;
using Logical = AvroType::Logical;

// Elements without bytes (an array of nulls) are the only ones that input does not pay for.
constexpr std::int64_t kFreeElements = 65'536;

bool IsWhole(TypeKind kind) { return kind >= TypeKind::kInt8 && kind <= TypeKind::kInt64; }

/// Whether a value of `from`, which is no union and not nested, has a place in `to`.
bool Fits(const AvroType& from, const connectors::Type& to) {
  const TypeKind kind = to.kind();
  switch (from.kind) {
    case Kind::kBoolean:
      return kind == TypeKind::kBoolean;
    case Kind::kInt:
    case Kind::kLong:
      switch (from.logical) {
        case Logical::kDate:
          return kind == TypeKind::kDate;
        case Logical::kTimeMillis:
        case Logical::kTimeMicros:
          return kind == TypeKind::kTime;
        case Logical::kTimestampMillis:
        case Logical::kTimestampMicros:
        case Logical::kLocalTimestampMillis:
        case Logical::kLocalTimestampMicros:
          return kind == TypeKind::kTimestamp || kind == TypeKind::kTimestampTz;
        default:
          return IsWhole(kind) || kind == TypeKind::kDecimal ||
                 (kind == TypeKind::kFloat64 && from.kind == Kind::kInt);
      }
    case Kind::kFloat:
      return kind == TypeKind::kFloat32 || kind == TypeKind::kFloat64;
    case Kind::kDouble:
      return kind == TypeKind::kFloat64;
    case Kind::kBytes:
    case Kind::kFixed:
      return from.logical == Logical::kDecimal
                 ? kind == TypeKind::kDecimal
                 : kind == TypeKind::kBytes || kind == TypeKind::kString;
    case Kind::kString:
      return kind == TypeKind::kString || kind == TypeKind::kBytes;
    case Kind::kEnum:
      return kind == TypeKind::kString;
    default:
      return false;
  }
}

base::Error NoWay(const Field& to) {
  return {base::ErrorCode::kValidationFailed,
          "the column '" + to.name + "' of type " + to.type.ToString() +
              " cannot be read from what the Avro schema has there"};
}

}  // namespace

AvroRows::Plan AvroRows::Skipping(AvroTypePtr from) {
  Plan plan{.from = std::move(from)};
  if (plan.from->kind == Kind::kNull) {
    plan.action = Action::kSkipNull;
  } else if (plan.from->kind == Kind::kLong) {
    plan.action = Action::kSkipLong;
  } else if (plan.from->kind == Kind::kString || plan.from->kind == Kind::kBytes) {
    plan.action = Action::kSkipBytes;
  } else if (plan.from->kind == Kind::kRecord) {
    plan.action = Action::kRecord;
  } else if (plan.from->kind == Kind::kUnion) {
    plan.action = Action::kUnion;
  }
  for (const AvroField& child : plan.from->children) {
    plan.children.push_back(Skipping(child.type));
  }
  plan.target.assign(plan.children.size(), -1);
  return plan;
}

AvroRows::Action AvroRows::ActionOf(const AvroType& from, const Field& to) {
  const TypeKind kind = to.type.kind();
  if (from.kind == Kind::kString && kind == TypeKind::kString) {
    return Action::kText;
  }
  const bool instant = kind == TypeKind::kTimestamp || kind == TypeKind::kTimestampTz;
  if (from.kind != Kind::kLong || (kind != TypeKind::kInt64 && !instant)) {
    return Action::kByType;
  }
  const bool millis = from.logical == Logical::kTimeMillis ||
                      from.logical == Logical::kTimestampMillis ||
                      from.logical == Logical::kLocalTimestampMillis;
  return millis ? Action::kMillis : Action::kLong;
}

base::Status AvroRows::ResolveRecord(const std::vector<Field>& fields, Plan& plan) {
  for (const AvroField& child : plan.from->children) {
    const auto found = std::find_if(fields.begin(), fields.end(),
                                    [&](const Field& field) { return field.name == child.name; });
    plan.target.push_back(found == fields.end() ? -1 : static_cast<int>(found - fields.begin()));
    plan.children.push_back(found == fields.end() ? Skipping(child.type)
                                                  : SP_TRY(Resolve(child.type, *found)));
  }
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const auto count = std::count(plan.target.begin(), plan.target.end(), static_cast<int>(i));
    if (count > 1 || (count == 0 && fields[i].nullability == Nullability::kRequired)) {
      return base::Error(base::ErrorCode::kValidationFailed, "the Avro schema has the field '" +
                                                                 fields[i].name + "' " +
                                                                 std::to_string(count) + " times");
    }
    if (count == 0) {
      plan.absent.push_back(i);
    }
  }
  return base::Ok();
}

base::Result<AvroRows::Plan> AvroRows::Resolve(AvroTypePtr from, const Field& to) {
  Plan plan{.from = from, .wanted = true, .name = to.name};
  plan.required = to.nullability == Nullability::kRequired;
  const TypeKind kind = to.type.kind();
  switch (from->kind) {
    case Kind::kNull:
      break;  // refused where it is read, if it is not allowed
    case Kind::kUnion: {
      plan.action = Action::kUnion;
      bool any = false;
      for (const AvroField& branch : from->children) {
        auto one = Resolve(branch.type, to);
        any = any || (one.ok() && branch.type->kind != Kind::kNull);
        plan.children.push_back(one.ok() ? std::move(one).value() : Skipping(branch.type));
        plan.children.back().fits = plan.children.back().wanted;
      }
      if (!any) {
        return NoWay(to);
      }
      break;
    }
    case Kind::kArray:
      if (kind != TypeKind::kList) {
        return NoWay(to);
      }
      plan.children.push_back(SP_TRY(Resolve(from->children[0].type, to.type.children()[0])));
      break;
    case Kind::kMap:
      if (kind != TypeKind::kMap || to.type.children()[0].type.kind() != TypeKind::kString) {
        return NoWay(to);
      }
      plan.children.push_back(SP_TRY(Resolve(from->children[0].type, to.type.children()[1])));
      break;
    case Kind::kRecord:
      if (kind != TypeKind::kStruct) {
        return NoWay(to);
      }
      plan.action = Action::kRecord;
      SP_TRY(ResolveRecord(to.type.children(), plan));
      break;
    default:
      if (!Fits(*from, to.type)) {
        return NoWay(to);
      }
      plan.action = ActionOf(*from, to);
  }
  return plan;
}

base::Result<AvroRows> AvroRows::Make(AvroTypePtr writer, const connectors::Schema& schema) {
  AvroRows rows;
  rows.root_.from = writer;
  rows.root_.wanted = true;
  if (writer->kind == Kind::kRecord) {
    SP_TRY(ResolveRecord(schema.fields(), rows.root_));
  } else if (schema.fields().size() == 1) {  // a datum that is no record is the one column
    rows.root_.target = {0};
    rows.root_.children.push_back(SP_TRY(Resolve(writer, schema.fields()[0])));
  } else {
    return base::Error(base::ErrorCode::kValidationFailed, "the Avro schema is no record");
  }
  return rows;
}

/// Values that hold no others; false when it is none of these. In line, since most of a row is such values.
[[gnu::always_inline]] inline bool AvroRows::ReadSimple(AvroCursor& in, const Plan& plan,
                                                        ColumnBuilder* column) {
  switch (plan.action) {
    case Action::kSkipNull:
      return true;
    case Action::kSkipLong:
      in.Long();
      return true;
    case Action::kSkipBytes:
      in.Bytes();
      return true;
    case Action::kLong:
      column->Append(in.Long());
      return true;
    case Action::kMillis: {
      const std::int64_t millis = in.Long();
      std::int64_t micros = 0;
      if (__builtin_mul_overflow(millis, 1000, &micros)) [[unlikely]] {
        Refuse(plan, std::to_string(millis) + " is no " + column->type().ToString(), *column);
      } else {
        column->Append(micros);
      }
      return true;
    }
    case Action::kText: {
      const std::string_view text = in.Bytes();
      if (!base::IsUtf8(text)) [[unlikely]] {
        Refuse(plan, "is no UTF-8", *column);
      } else {
        column->AppendText(text);
      }
      return true;
    }
    default:
      return false;
  }
}

AvroRows::Outcome AvroRows::ReadRow(AvroCursor& in, BatchBuilder& rows, Rest rest) {
  refusal_.clear();
  elements_left_ = static_cast<std::int64_t>(in.left()) + kFreeElements;
  for (std::size_t i = 0; i < root_.children.size(); ++i) {
    const int target = root_.target[i];
    auto* const into = target < 0 ? nullptr : &rows.column(static_cast<std::size_t>(target));
    if (!ReadSimple(in, root_.children[i], into)) {
      Read(in, root_.children[i], into);
    }
  }
  if (in.failed() || (rest == Rest::kRefused && in.left() > 0)) {
    rows.CancelRow();
    refusal_ = "is no Avro of this schema";
    return Outcome::kBroken;
  }
  if (!refusal_.empty()) {
    rows.CancelRow();
    return Outcome::kRefused;
  }
  rows.EndRow();
  return Outcome::kRow;
}

void AvroRows::Refuse(const Plan& plan, std::string_view why, ColumnBuilder& column) {
  if (refusal_.empty()) {
    refusal_ = "'" + plan.name + "': " + std::string(why);
  }
  column.AppendNull();  // the row is cancelled at its end, which has to be found first
}

// NOLINTNEXTLINE(misc-no-recursion): as deep as the schema
void AvroRows::Read(AvroCursor& in, const Plan& plan, ColumnBuilder* column) {
  if (plan.action == Action::kRecord) {
    ReadRecord(in, plan, column);
  } else if (plan.action == Action::kUnion) {
    ReadUnion(in, plan, column);
  } else if (!ReadSimple(in, plan, column)) {
    ReadByType(in, plan, column);
  }
}

// NOLINTNEXTLINE(misc-no-recursion): as deep as the schema
void AvroRows::ReadRecord(AvroCursor& in, const Plan& plan, ColumnBuilder* column) {
  for (std::size_t i = 0; i < plan.children.size(); ++i) {
    const int target = column == nullptr ? -1 : plan.target[i];
    auto* const into = target < 0 ? nullptr : &column->child(static_cast<std::size_t>(target));
    if (!ReadSimple(in, plan.children[i], into)) {
      Read(in, plan.children[i], into);
    }
  }
  if (column != nullptr && !in.failed()) {
    for (const std::size_t absent : plan.absent) {
      column->child(absent).AppendNull();
    }
    column->EndStruct();
  }
}

// NOLINTNEXTLINE(misc-no-recursion,readability-function-cognitive-complexity): one case a type of a finite schema
void AvroRows::ReadByType(AvroCursor& in, const Plan& plan, ColumnBuilder* column) {
  switch (plan.from->kind) {
    case Kind::kNull:
      if (column != nullptr) {
        plan.required ? Refuse(plan, "null is not allowed", *column) : column->AppendNull();
      }
      return;
    case Kind::kBoolean: {
      const auto value = in.Fixed<std::uint8_t>();
      if (value > 1) {
        in.Fail();
      } else if (column != nullptr) {
        column->AppendBoolean(value != 0);
      }
      return;
    }
    case Kind::kInt:
    case Kind::kLong: {
      const std::int64_t value = in.Long();
      if (plan.from->kind == Kind::kInt && value != static_cast<std::int32_t>(value)) {
        in.Fail();
      } else if (column != nullptr) {
        AppendWhole(value, plan, *column);
      }
      return;
    }
    case Kind::kFloat: {
      const auto value = in.Fixed<float>();
      if (column != nullptr) {
        column->type().kind() == TypeKind::kFloat32 ? column->Append(value)
                                                    : column->Append(static_cast<double>(value));
      }
      return;
    }
    case Kind::kDouble: {
      const auto value = in.Fixed<double>();
      if (column != nullptr) {
        column->Append(value);
      }
      return;
    }
    case Kind::kBytes:
    case Kind::kString:
    case Kind::kFixed: {
      const auto bytes = plan.from->kind == Kind::kFixed ? in.Raw(plan.from->size) : in.Bytes();
      if (column != nullptr) {
        plan.from->logical == Logical::kDecimal ? AppendDecimal(bytes, plan, *column)
                                                : AppendText(bytes, plan, *column);
      }
      return;
    }
    case Kind::kEnum: {
      const auto place = static_cast<std::uint64_t>(in.Long());
      if (place >= plan.from->symbols.size()) {
        in.Fail();
      } else if (column != nullptr) {
        AppendText(plan.from->symbols[place], plan, *column);
      }
      return;
    }
    case Kind::kArray:
    case Kind::kMap:
      return ReadBlocks(in, plan, column);
    case Kind::kUnion:
    case Kind::kRecord:
      SP_CHECK(false);  // have actions of their own
      return;
  }
}

void AvroRows::ReadBlocks(AvroCursor& in, const Plan& plan, ColumnBuilder* column) {
  const bool map = plan.from->kind == Kind::kMap;
  for (;;) {
    std::int64_t count = in.Long();
    if (count < 0) {
      in.Long();  // how many bytes the block has, for those who skip it whole
      count = count == std::numeric_limits<std::int64_t>::min() ? -1 : -count;
    }
    if (count < 0 || count > elements_left_) {
      in.Fail();
    }
    if (in.failed()) {
      return;
    }
    if (count == 0) {
      break;
    }
    elements_left_ -= count;
    for (; count > 0 && !in.failed(); --count) {
      if (map) {
        const std::string_view key = in.Bytes();
        if (!base::IsUtf8(key)) {
          in.Fail();
        } else if (column != nullptr) {
          column->child(0).AppendText(key);
        }
      }
      Read(in, plan.children[0], column == nullptr ? nullptr : &column->child(map ? 1 : 0));
    }
  }
  if (column != nullptr && !in.failed()) {
    column->EndList();
  }
}

void AvroRows::ReadUnion(AvroCursor& in, const Plan& plan, ColumnBuilder* column) {
  const auto branch = static_cast<std::uint64_t>(in.ShortLong());
  if (in.failed() || branch >= plan.children.size()) [[unlikely]] {
    return in.Fail();
  }
  const Plan& chosen = plan.children[branch];
  if (chosen.action == Action::kRecord && (column == nullptr || chosen.fits)) {
    return ReadRecord(in, chosen, column);
  }
  if (column != nullptr && !chosen.fits) {
    Read(in, chosen, nullptr);
    return Refuse(plan, "holds a branch of the union that the column has no place for", *column);
  }
  if (!ReadSimple(in, chosen, column)) {
    Read(in, chosen, column);
  }
}

void AvroRows::AppendWhole(std::int64_t value, const Plan& plan, ColumnBuilder& column) {
  const auto narrow = [&]<typename T>(T /*of that type*/) {
    if (value < std::numeric_limits<T>::min() || value > std::numeric_limits<T>::max()) {
      return Refuse(plan, std::to_string(value) + " is no " + column.type().ToString(), column);
    }
    column.Append(static_cast<T>(value));
  };
  const auto scaled = [&](std::int64_t factor) {
    std::int64_t micros = 0;
    const bool time = column.type().kind() == TypeKind::kTime;
    if (__builtin_mul_overflow(value, factor, &micros) ||
        (time && (micros < 0 || micros >= 86'400'000'000))) {
      return Refuse(plan, std::to_string(value) + " is no " + column.type().ToString(), column);
    }
    column.Append(micros);
  };
  switch (column.type().kind()) {
    case TypeKind::kInt8:
      return narrow(std::int8_t{});
    case TypeKind::kInt16:
      return narrow(std::int16_t{});
    case TypeKind::kInt32:
    case TypeKind::kDate:
      return narrow(std::int32_t{});
    case TypeKind::kFloat64:
      return column.Append(static_cast<double>(value));
    case TypeKind::kDecimal: {
      const Int128 unscaled = static_cast<Int128>(value);
      const int whole = column.type().precision() - column.type().scale();
      const Int128 limit = connectors::PowerOfTen(whole);
      if (unscaled >= limit || unscaled <= -limit) {
        return Refuse(plan, std::to_string(value) + " is no " + column.type().ToString(), column);
      }
      return column.Append(unscaled * connectors::PowerOfTen(column.type().scale()));
    }
    default:
      break;
  }
  switch (plan.from->logical) {
    case Logical::kTimeMillis:
    case Logical::kTimestampMillis:
    case Logical::kLocalTimestampMillis:
      return scaled(1000);
    case Logical::kTimeMicros:
      return scaled(1);
    default:
      return column.Append(value);
  }
}

void AvroRows::AppendText(std::string_view text, const Plan& plan, ColumnBuilder& column) {
  if (column.type().kind() == TypeKind::kString && !base::IsUtf8(text)) {
    return Refuse(plan, "is no UTF-8", column);
  }
  column.AppendText(text);
}

void AvroRows::AppendDecimal(std::string_view bytes, const Plan& plan, ColumnBuilder& column) {
  const auto too_large = [&] { Refuse(plan, "is no " + column.type().ToString(), column); };
  // Big-endian two's complement; what comes before the last 16 bytes may only repeat the sign.
  const bool minus = !bytes.empty() && static_cast<signed char>(bytes.front()) < 0;
  __extension__ using Unsigned = unsigned __int128;
  Unsigned bits = minus ? ~Unsigned(0) : Unsigned(0);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto byte = static_cast<std::uint8_t>(bytes[i]);
    if (bytes.size() - i > 16 && byte != (minus ? 0xff : 0)) {
      return too_large();
    }
    bits = bits << 8 | byte;
  }
  auto unscaled = static_cast<Int128>(bits);
  if ((unscaled < 0) != minus) {
    return too_large();
  }
  const int shift = column.type().scale() - plan.from->scale;
  const Int128 limit = connectors::PowerOfTen(column.type().precision());
  if (shift < 0) {
    const Int128 factor = connectors::PowerOfTen(-shift);
    if (unscaled % factor != 0) {
      return Refuse(plan, "has more digits than " + column.type().ToString(), column);
    }
    unscaled /= factor;
  } else if (shift > 0 &&
             __builtin_mul_overflow(unscaled, connectors::PowerOfTen(shift), &unscaled)) {
    return too_large();
  }
  if (unscaled >= limit || unscaled <= -limit) {
    return too_large();
  }
  column.Append(unscaled);
}

}  // namespace streampark::formats
