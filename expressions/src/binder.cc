// SPDX-License-Identifier: Apache-2.0
#include "binder.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "streampark/base/spelling.h"

namespace streampark::expressions {
namespace {

using connectors::Column;
using connectors::Field;
using connectors::Nullability;
using connectors::Schema;

/// The values of a column of the batch.
class ColumnNode final : public Node {
 public:
  ColumnNode(std::size_t index, TypeKind kind)
      : Node(StorageOf(kind)), index_(index), kind_(kind) {}

 private:
  void Compute(Work& work, const Rows& rows) override {
    const Column& column = work.batch->columns[index_];
    if (column.validity.empty()) {
      rows.ForEach([&](std::size_t row) { out_.null[row] = 0; });
    } else {
      rows.ForEach([&](std::size_t row) {
        out_.null[row] = column.null(static_cast<std::int64_t>(row)) ? 1 : 0;
      });
    }
    const auto copy = [&]<typename From, typename To>(From /*as*/, std::vector<To>& to) {
      const From* const from = column.values.as<From>();
      rows.ForEach([&](std::size_t row) { to[row] = static_cast<To>(from[row]); });
    };
    switch (kind_) {
      case TypeKind::kBoolean:
        return rows.ForEach([&](std::size_t row) {
          out_.wholes[row] = column.bit(static_cast<std::int64_t>(row)) ? 1 : 0;
        });
      case TypeKind::kInt8:
        return copy(std::int8_t{}, out_.wholes);
      case TypeKind::kInt16:
        return copy(std::int16_t{}, out_.wholes);
      case TypeKind::kInt32:
      case TypeKind::kDate:
        return copy(std::int32_t{}, out_.wholes);
      case TypeKind::kFloat32:
        return copy(float{}, out_.floatings);
      case TypeKind::kFloat64:
        return copy(double{}, out_.floatings);
      case TypeKind::kDecimal:
        return copy(Int128{}, out_.decimals);
      case TypeKind::kString:
      case TypeKind::kBytes:
        return rows.ForEach([&](std::size_t row) {
          out_.texts[row] = column.text(static_cast<std::int64_t>(row));
        });
      default:
        return copy(std::int64_t{}, out_.wholes);
    }
  }

  const std::size_t index_;
  const TypeKind kind_;
};

/// One value for all rows.
template <typename T>
class Constant final : public Node {
 public:
  explicit Constant(std::optional<T> value)
      : Node(kStorageOf<T>), null_(value ? 0 : 1), value_(value.value_or(T{})) {}

 private:
  void Compute(Work& /*work*/, const Rows& rows) override {
    std::vector<T>& values = out_.values<T>();
    rows.ForEach([&](std::size_t row) {
      out_.null[row] = null_;
      values[row] = value_;
    });
  }

  const std::uint8_t null_;
  const T value_;
};

/// A constant text with its bytes.
class TextConstant final : public Node {
 public:
  explicit TextConstant(std::string text) : Node(Storage::kText), text_(std::move(text)) {}

 private:
  void Compute(Work& /*work*/, const Rows& rows) override {
    rows.ForEach([&](std::size_t row) {
      out_.null[row] = 0;
      out_.texts[row] = text_;
    });
  }

  const std::string text_;
};

class Binder {
 public:
  Binder(const Schema& schema, const Setting& setting, std::vector<std::size_t>& columns)
      : schema_(schema), setting_(setting), columns_(columns) {}

  base::Result<Bound> Bind(const Syntax& part) {
    switch (part.kind) {
      case Syntax::Kind::kNull: {
        Bound null = NullOf(TypeKind::kString, part.at);
        null.literal = Bound::Literal::kNull;
        return null;
      }
      case Syntax::Kind::kBoolean:
        return Of(part, std::make_unique<Constant<std::int64_t>>(part.text == "TRUE" ? 1 : 0),
                  TypeKind::kBoolean);
      case Syntax::Kind::kNumber:
        return Number(part);
      case Syntax::Kind::kText: {
        Bound text = Of(part, MakeTexts(part.text), TypeKind::kString);
        text.literal = Bound::Literal::kText;
        text.text = part.text;
        return text;
      }
      case Syntax::Kind::kBytes:
        return Of(part, MakeTexts(part.text), TypeKind::kBytes);
      case Syntax::Kind::kTyped:
        return Typed(part);
      case Syntax::Kind::kColumn:
        return ColumnOf(part);
      case Syntax::Kind::kParameter:
        return Parameter(part);
      case Syntax::Kind::kCall:
        return CallOf(part);
      case Syntax::Kind::kCase:
        return Case(part);
      case Syntax::Kind::kCast:
      case Syntax::Kind::kTryCast:
        break;
    }
    auto type = Type::Parse(part.type);
    if (!type.ok()) {
      return FaultAt(part.at, type.error().message());
    }
    Bound inner = SP_TRY(Bind(*part.children[0]));
    inner.at = part.at;
    return Cast(std::move(inner), *type,
                part.kind == Syntax::Kind::kCast ? CastKind::kFails : CastKind::kNulls);
  }

 private:
  static Bound Of(const Syntax& part, NodePtr node, Type type) {
    return {.node = std::move(node),
            .type = std::move(type),
            .nullable = false,
            .at = part.at,
            .literal = Bound::Literal::kNone,
            .text = ""};
  }

  static base::Result<Bound> Number(const Syntax& part) {
    const std::string& text = part.text;
    if (text.find_first_of("eE") != std::string::npos) {
      double value = 0;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
      if (error != std::errc()) {
        return FaultAt(part.at, text + " is too large for a DOUBLE");
      }
      return Of(part, std::make_unique<Constant<double>>(value), TypeKind::kFloat64);
    }
    std::int64_t whole = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), whole);
    if (error == std::errc() && end == text.data() + text.size()) {
      Bound bound = Of(part, std::make_unique<Constant<std::int64_t>>(whole), TypeKind::kInt64);
      bound.literal = Bound::Literal::kWhole;
      bound.text = std::to_string(whole);
      return bound;
    }
    const auto point = std::min(text.find('.'), text.size());
    const auto fraction = point == text.size() ? 0 : static_cast<int>(text.size() - point - 1);
    const int digits =
        static_cast<int>(text.size()) - (text[0] == '-' ? 1 : 0) - (point == text.size() ? 0 : 1);
    if (digits > 38) {
      return FaultAt(part.at, "the number has more than 38 digits");
    }
    const Type type = Type::Decimal(std::max(digits, 1), fraction);
    const auto value = connectors::ParseDecimal(text, type.precision(), type.scale());
    if (!value) {
      return FaultAt(part.at, text + " is no number");
    }
    return Of(part, std::make_unique<Constant<Int128>>(*value), type);
  }

  static base::Result<Bound> Typed(const Syntax& part) {
    const TypeKind kind = part.type == "DATE"   ? TypeKind::kDate
                          : part.type == "TIME" ? TypeKind::kTime
                                                : TypeKind::kTimestamp;
    Bound text = Of(part, nullptr, TypeKind::kString);
    text.literal = Bound::Literal::kText;
    text.text = part.text;
    auto widened = SP_TRY(Widen(std::move(text), kind));
    return *std::move(widened);
  }

  base::Result<Bound> ColumnOf(const Syntax& part) {
    const int found = schema_.Find(part.text);
    if (found < 0) {
      std::vector<std::string> names;
      std::string listed;
      for (const Field& field : schema_.fields()) {
        names.push_back(field.name);
        listed += (listed.empty() ? "" : ", ") + field.name;
      }
      const auto near = base::ClosestMatch(part.text, names);
      return FaultAt(part.at, "there is no column '" + part.text + "'")
          .WithHint(near ? "did you mean '" + *near + "'?" : "there are: " + listed);
    }
    const auto index = static_cast<std::size_t>(found);
    const Field& field = schema_.fields()[index];
    if (!field.type.children().empty()) {
      return FaultAt(part.at, "'" + part.text + "' is of the type " + field.type.ToString() +
                                  ", which cannot be computed with");
    }
    columns_.push_back(index);
    Bound bound = Of(part, std::make_unique<ColumnNode>(index, field.type.kind()), field.type);
    bound.nullable = field.nullability == Nullability::kNullable;
    return bound;
  }

  base::Result<Bound> Parameter(const Syntax& part) const {
    const auto found = setting_.parameters.find(part.text);
    if (found == setting_.parameters.end()) {
      return FaultAt(part.at, "there is no parameter :" + part.text);
    }
    return Of(part, MakeTexts(found->second), TypeKind::kString);
  }

  base::Result<Bound> CallOf(const Syntax& part) {
    const Function* function = FindFunction(part.text);
    if (function == nullptr) {
      const auto near = base::ClosestMatch(part.text, FunctionNames());
      std::string listed;
      for (const std::string& name : FunctionNames()) {
        listed += (listed.empty() ? "" : ", ") + name;
      }
      return FaultAt(part.at, "there is no function '" + part.text + "'")
          .WithHint(near ? "did you mean '" + *near + "'?" : "there are: " + listed);
    }
    const std::size_t count = part.children.size();
    if (count < function->least || count > function->most) {
      std::string wanted = std::to_string(function->least);
      if (function->most != function->least) {
        wanted += function->most >= 1'000 ? " or more" : " to " + std::to_string(function->most);
      }
      return FaultAt(part.at, "'" + part.text + "' takes " + wanted + " values, and has " +
                                  std::to_string(count));
    }
    Call call{.name = part.text, .at = part.at, .arguments = {}};
    for (const SyntaxPtr& one : part.children) {
      call.arguments.push_back(SP_TRY(Bind(*one)));
    }
    return function->bind(std::move(call));
  }

  base::Result<Bound> Case(const Syntax& part) {
    std::vector<NodePtr> conditions;
    std::vector<Bound> values;
    for (std::size_t i = 0; i < part.children.size(); ++i) {
      Bound bound = SP_TRY(Bind(*part.children[i]));
      if (i % 2 == 1 || i + 1 == part.children.size()) {
        values.push_back(std::move(bound));
        continue;
      }
      if (bound.type.kind() != TypeKind::kBoolean) {
        return FaultAt(bound.at, "a condition is BOOLEAN, and this is " + bound.type.ToString());
      }
      conditions.push_back(std::move(bound.node));
    }
    if (values.size() == conditions.size()) {
      values.push_back(NullOf(TypeKind::kString, part.at));
      values.back().literal = Bound::Literal::kNull;
    }
    std::vector<Bound*> parts;
    bool nullable = false;
    for (Bound& one : values) {
      parts.push_back(&one);
      nullable = nullable || one.nullable;
    }
    Type type = SP_TRY(Unify(std::move(parts), part.at));
    std::vector<NodePtr> nodes;
    for (Bound& one : values) {
      nodes.push_back(std::move(one.node));
    }
    Bound bound = Of(part, MakeCase(std::move(conditions), std::move(nodes)), std::move(type));
    bound.nullable = nullable;
    return bound;
  }

  const Schema& schema_;
  const Setting& setting_;
  std::vector<std::size_t>& columns_;
};

int Rank(const Type& type) {
  switch (type.kind()) {
    case TypeKind::kInt8:
      return 1;
    case TypeKind::kInt16:
      return 2;
    case TypeKind::kInt32:
      return 3;
    case TypeKind::kInt64:
      return 4;
    case TypeKind::kDecimal:
      return 5;
    case TypeKind::kFloat32:
      return 6;
    case TypeKind::kFloat64:
      return 7;
    default:
      return 0;
  }
}

std::vector<Function> AllFunctions() {
  std::vector<Function> all;
  for (const auto& some :
       {ArithmeticFunctions(), LogicFunctions(), TextFunctions(), TimeFunctions()}) {
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

const std::vector<Function>& Table() {
  static const std::vector<Function> table = AllFunctions();
  return table;
}

}  // namespace

bool IsWhole(const Type& type) { return Rank(type) >= 1 && Rank(type) <= 4; }
bool IsFloating(const Type& type) { return Rank(type) >= 6; }
bool IsNumber(const Type& type) { return Rank(type) > 0; }

bool Call::nullable() const {
  return std::ranges::any_of(arguments, [](const Bound& one) { return one.nullable; });
}

base::Error Call::TakesNo(const Bound& argument) const {
  return FaultAt(argument.at, "'" + name + "' takes no " + argument.type.ToString())
      .WithHint("CAST(… AS type) makes another type of it");
}

Bound NullOf(const Type& type, std::size_t at) {
  NodePtr node;
  switch (StorageOf(type.kind())) {
    case Storage::kWhole:
      node = std::make_unique<Constant<std::int64_t>>(std::nullopt);
      break;
    case Storage::kFloating:
      node = std::make_unique<Constant<double>>(std::nullopt);
      break;
    case Storage::kDecimal:
      node = std::make_unique<Constant<Int128>>(std::nullopt);
      break;
    case Storage::kText:
      node = std::make_unique<Constant<std::string_view>>(std::nullopt);
      break;
  }
  return {.node = std::move(node),
          .type = type,
          .nullable = true,
          .at = at,
          .literal = Bound::Literal::kNone,
          .text = ""};
}

NodePtr MakeTexts(std::string text) { return std::make_unique<TextConstant>(std::move(text)); }

base::Result<std::optional<Bound>> Widen(Bound from, const Type& to) {
  if (from.literal == Bound::Literal::kNull) {
    return std::optional(NullOf(to, from.at));
  }
  if (from.type == to) {
    return std::optional(std::move(from));
  }
  const TypeKind kind = to.kind();
  const bool moment = kind == TypeKind::kDate || kind == TypeKind::kTime ||
                      kind == TypeKind::kTimestamp || kind == TypeKind::kTimestampTz;
  if (from.literal == Bound::Literal::kText && moment) {
    std::optional<std::int64_t> value;
    switch (kind) {
      case TypeKind::kDate:
        if (const auto days = connectors::ParseDate(from.text)) {
          value = *days;
        }
        break;
      case TypeKind::kTime:
        value = connectors::ParseTime(from.text);
        break;
      case TypeKind::kTimestamp:
        value = connectors::ParseTimestamp(from.text);
        break;
      default:
        value = connectors::ParseInstant(from.text, connectors::MissingZone::kIsRefused);
        break;
    }
    if (!value) {
      return FaultAt(from.at, "'" + from.text + "' is no " + to.ToString());
    }
    return std::optional(Bound{.node = std::make_unique<Constant<std::int64_t>>(*value),
                               .type = to,
                               .nullable = false,
                               .at = from.at,
                               .literal = Bound::Literal::kNone,
                               .text = ""});
  }
  if (from.type.kind() == TypeKind::kDate && kind == TypeKind::kTimestamp) {
    return std::optional(SP_TRY(Cast(std::move(from), to, CastKind::kFails)));
  }
  if (Rank(from.type) == 0 || Rank(to) < Rank(from.type)) {
    return std::optional<Bound>();
  }
  if (IsWhole(to)) {
    from.type = to;  // all are computed in the same width
    return std::optional(std::move(from));
  }
  return std::optional(SP_TRY(Cast(std::move(from), to, CastKind::kFails)));
}

std::optional<Type> CommonType(const Bound& a, const Bound& b) {
  if (a.literal == Bound::Literal::kNull) {
    return b.type;
  }
  if (b.literal == Bound::Literal::kNull || a.type == b.type) {
    return a.type;
  }
  for (const auto& [literal, other] : {std::pair(&a, &b), std::pair(&b, &a)}) {
    const TypeKind kind = other->type.kind();
    if (literal->literal == Bound::Literal::kText &&
        (kind == TypeKind::kDate || kind == TypeKind::kTime || kind == TypeKind::kTimestamp ||
         kind == TypeKind::kTimestampTz)) {
      return other->type;
    }
    if (literal->type.kind() == TypeKind::kDate && kind == TypeKind::kTimestamp) {
      return other->type;
    }
  }
  if (!IsNumber(a.type) || !IsNumber(b.type)) {
    return std::nullopt;
  }
  if (IsFloating(a.type) || IsFloating(b.type)) {
    return Type(TypeKind::kFloat64);
  }
  if (IsWhole(a.type) && IsWhole(b.type)) {
    return Rank(a.type) > Rank(b.type) ? a.type : b.type;
  }
  const Type left = DecimalOf(a);
  const Type right = DecimalOf(b);
  const int scale = std::max(left.scale(), right.scale());
  const int precision =
      std::max(left.precision() - left.scale(), right.precision() - right.scale()) + scale;
  return precision <= 38 ? std::optional(Type::Decimal(precision, scale)) : std::nullopt;
}

base::Result<Type> Unify(std::vector<Bound*> parts, std::size_t at) {
  // The type of all is found as that of a first one that is as wide as all so far.
  Bound wide{.node = nullptr,
             .type = parts.front()->type,
             .nullable = true,
             .at = at,
             .literal = parts.front()->literal,
             .text = parts.front()->text};
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const Bound* part = parts[i];
    auto common = CommonType(wide, *part);
    if (!common) {
      return FaultAt(at,
                     wide.type.ToString() + " and " + part->type.ToString() + " do not go together")
          .WithHint("CAST(… AS type) makes another type of one of them");
    }
    // A literal stays one as long as all are: a text may still become a date.
    if (part->literal != wide.literal || part->literal == Bound::Literal::kWhole) {
      const bool null = wide.literal == Bound::Literal::kNull;
      wide.literal = null                                     ? part->literal
                     : part->literal == Bound::Literal::kNull ? wide.literal
                                                              : Bound::Literal::kNone;
      wide.text = part->text;
    }
    wide.type = *std::move(common);
  }
  for (Bound* part : parts) {
    auto widened = SP_TRY(Widen(std::move(*part), wide.type));
    SP_CHECK(widened.has_value());
    *part = *std::move(widened);
  }
  return wide.type;
}

const Function* FindFunction(std::string_view name) {
  const auto found = std::ranges::find(Table(), name, &Function::name);
  return found == Table().end() ? nullptr : &*found;
}

std::vector<std::string> FunctionNames() {
  std::vector<std::string> names;
  for (const Function& one : Table()) {
    if (one.name[0] >= 'a' && one.name[0] <= 'z') {
      names.emplace_back(one.name);
    }
  }
  return names;
}

base::Result<Bound> BindExpression(const Syntax& whole, const Schema& schema,
                                   const Setting& setting, std::vector<std::size_t>& columns) {
  Bound bound = SP_TRY(Binder(schema, setting, columns).Bind(whole));
  std::ranges::sort(columns);
  columns.erase(std::ranges::unique(columns).begin(), columns.end());
  return bound;
}

}  // namespace streampark::expressions
