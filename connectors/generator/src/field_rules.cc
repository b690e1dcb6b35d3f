// SPDX-License-Identifier: Apache-2.0
#include "field_rules.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <set>

#include "streampark/base/clock.h"
#include "streampark/base/spelling.h"
#include "streampark/connectors/value_text.h"

namespace streampark::connectors::generator {
namespace {

constexpr std::int64_t kMostText = 1 << 20;

/// A well-mixed number of three (splitmix64, https://prng.di.unimi.it/splitmix64.c).
std::uint64_t Mixed(std::uint64_t seed, std::uint64_t column, std::uint64_t n) {
  std::uint64_t z = seed + (column + 1) * 0xd1342543de82ef95ULL + (n + 1) * 0x9e3779b97f4a7c15ULL;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

/// Of [0, 1).
double Fraction(std::uint64_t bits) { return static_cast<double>(bits >> 11) * 0x1.0p-53; }

/// Of [least, most]; the whole range of 64 bits too.
std::int64_t Within(std::uint64_t bits, std::int64_t least, std::int64_t most) {
  const auto span = static_cast<std::uint64_t>(most) - static_cast<std::uint64_t>(least);
  __extension__ using Wide = unsigned __int128;
  const auto offset =
      static_cast<std::uint64_t>((static_cast<Wide>(bits) * (static_cast<Wide>(span) + 1)) >> 64);
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(least) + offset);
}

bool IsTime(TypeKind kind) {
  return kind == TypeKind::kTime || kind == TypeKind::kTimestamp || kind == TypeKind::kTimestampTz;
}
bool IsText(TypeKind kind) { return kind == TypeKind::kString || kind == TypeKind::kBytes; }
bool IsFloat(TypeKind kind) { return kind == TypeKind::kFloat32 || kind == TypeKind::kFloat64; }

struct Range {
  std::int64_t least = 0, most = 0;
};

/// What the whole numbers behind a column may be.
Range RangeOf(const Type& type) {
  switch (type.kind()) {
    case TypeKind::kInt8:
    case TypeKind::kInt16:
    case TypeKind::kInt32: {
      const auto most = (std::int64_t{1} << (type.width() * 8 - 1)) - 1;
      return {-most - 1, most};
    }
    case TypeKind::kDecimal: {
      const auto most = static_cast<std::int64_t>(PowerOfTen(std::min(type.precision(), 18)) - 1);
      return {-most, most};
    }
    case TypeKind::kTime:
      return {0, 86'399'999'999};
    case TypeKind::kDate:
      return {-719'162, 2'932'896};  // years 1 to 9999
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampTz:
      return {-62'135'596'800'000'000, 253'402'300'799'999'999};
    default:
      return {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()};
  }
}

/// What is made when nobody says otherwise: a year of dates and times, any other value.
Range UsualRangeOf(const Type& type) {
  constexpr std::int64_t kFirstDay = 20'454;  // 2026-01-01
  switch (type.kind()) {
    case TypeKind::kDate:
      return {kFirstDay, kFirstDay + 364};
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampTz:
      return {kFirstDay * 86'400'000'000, (kFirstDay + 365) * 86'400'000'000 - 1};
    default:
      return RangeOf(type);
  }
}

std::optional<std::int64_t> ParseWhole(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(value)
                                                                  : std::nullopt;
}

/// The whole number behind a value that is written as text.
std::optional<std::int64_t> ParseValue(const Type& type, std::string_view text) {
  switch (type.kind()) {
    case TypeKind::kDecimal: {
      const auto unscaled = ParseDecimal(text, std::min(type.precision(), 18), type.scale());
      return unscaled ? std::optional(static_cast<std::int64_t>(*unscaled)) : std::nullopt;
    }
    case TypeKind::kDate: {
      const auto days = ParseDate(text);
      return days ? std::optional<std::int64_t>(*days) : std::nullopt;
    }
    case TypeKind::kTime:
      return ParseTime(text);
    case TypeKind::kTimestamp:
      return ParseTimestamp(text);
    case TypeKind::kTimestampTz:
      return ParseInstant(text, MissingZone::kIsUtc);
    default:
      return ParseWhole(text);
  }
}

void AppendWhole(std::int64_t value, ColumnBuilder& column) {
  switch (column.type().kind()) {
    case TypeKind::kBoolean:
      return column.AppendBoolean((value & 1) != 0);
    case TypeKind::kInt8:
      return column.Append(static_cast<std::int8_t>(value));
    case TypeKind::kInt16:
      return column.Append(static_cast<std::int16_t>(value));
    case TypeKind::kInt32:
    case TypeKind::kDate:
      return column.Append(static_cast<std::int32_t>(value));
    case TypeKind::kFloat32:
      return column.Append(static_cast<float>(value));
    case TypeKind::kFloat64:
      return column.Append(static_cast<double>(value));
    case TypeKind::kDecimal:
      return column.Append(static_cast<Int128>(value));
    case TypeKind::kString:
    case TypeKind::kBytes:
      return column.AppendText(std::to_string(value));
    default:
      return column.Append(value);
  }
}

void AppendRandomText(std::uint64_t seed, std::uint64_t column_number, std::uint64_t n,
                      std::int64_t length, ColumnBuilder& column) {
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz012345";
  char* const text = column.OpenText(static_cast<std::size_t>(length));
  std::uint64_t bits = 0;
  for (std::int64_t i = 0; i < length; ++i, bits >>= 5) {
    if (i % 12 == 0) {
      bits = Mixed(seed + static_cast<std::uint64_t>(i) + 1, column_number, n);
    }
    text[i] = kLetters[bits & 31];
  }
  column.CloseText(static_cast<std::size_t>(length));
}

/// The options of one column.
class Options {
 public:
  Options(const Field& field, const std::map<std::string, std::string>& given,
          std::vector<base::FieldError>& faults)
      : field_(field), given_(given), faults_(faults) {}

  std::optional<std::string> Find(const std::string& option) {
    names_.push_back(option);
    const auto found = given_.find(field_.name + "." + option);
    return found == given_.end() ? std::nullopt : std::optional(found->second);
  }
  std::int64_t Value(const std::string& option, std::int64_t otherwise) {
    const auto range = RangeOf(field_.type);
    return Read(option, otherwise, [&](std::string_view text) {
      const auto value = ParseValue(field_.type, text);
      return value && *value >= range.least && *value <= range.most ? value : std::nullopt;
    });
  }
  std::int64_t Whole(const std::string& option, std::int64_t otherwise, std::int64_t least,
                     std::int64_t most) {
    return Read(option, otherwise, [&](std::string_view text) {
      const auto value = ParseWhole(text);
      return value && *value >= least && *value <= most ? value : std::nullopt;
    });
  }
  /// Of a time: microseconds.
  std::int64_t Step() {
    if (!IsTime(field_.type.kind())) {
      return Value("step",
                   field_.type.kind() == TypeKind::kDecimal
                       ? static_cast<std::int64_t>(PowerOfTen(std::min(field_.type.scale(), 17)))
                       : 1);
    }
    return Read("step", 1'000'000, [](std::string_view text) {
      const auto step = base::ParseDuration(text);
      return step ? std::optional<std::int64_t>(step->count() * 1'000) : std::nullopt;
    });
  }
  double Number(const std::string& option, double otherwise, double least, double most) {
    const auto text = Find(option);
    double value = otherwise;
    if (text) {
      const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
      if (error != std::errc() || end != text->data() + text->size() ||
          !(value >= least && value <= most)) {
        Refuse(option, "'" + *text + "' is no number that it may be");
      }
    }
    return value;
  }
  void Refuse(const std::string& option, std::string message, std::string hint = "") {
    faults_.push_back(
        {"/fields." + field_.name + "." + option, std::move(message), std::move(hint)});
  }
  /// What was asked for.
  const std::vector<std::string>& names() const { return names_; }

 private:
  template <typename Parse>
  std::int64_t Read(const std::string& option, std::int64_t otherwise, Parse parse) {
    const auto text = Find(option);
    if (!text) {
      return otherwise;
    }
    const std::optional<std::int64_t> value = parse(*text);
    if (!value) {
      Refuse(option, "'" + *text + "' is no value that it may be");
    }
    return value.value_or(otherwise);
  }

  const Field& field_;
  const std::map<std::string, std::string>& given_;
  std::vector<base::FieldError>& faults_;
  std::vector<std::string> names_;
};

FieldRule SequenceRule(const Field& field, Options& options) {
  if (field.type.kind() == TypeKind::kBoolean || field.type.kind() == TypeKind::kBytes) {
    options.Refuse("kind", "a column of type " + field.type.ToString() + " has no sequence",
                   "random");
  }
  const bool time = IsTime(field.type.kind()) || field.type.kind() == TypeKind::kDate;
  const auto start = options.Value("start", time ? UsualRangeOf(field.type).least : 0);
  const auto step = options.Step();
  const auto count = options.Whole("count", std::numeric_limits<std::int64_t>::max(), 1,
                                   std::numeric_limits<std::int64_t>::max());
  // What is beyond the type begins anew, so that a source may run for ever.
  const auto range = field.type.kind() == TypeKind::kDecimal || field.type.width() < 8 || time
                         ? RangeOf(field.type)
                         : Range{};
  return [=](std::int64_t n, ColumnBuilder& column) {
    __extension__ using Wide = __int128;
    Wide value = static_cast<Wide>(start) + static_cast<Wide>(n % count) * step;
    if (range.most > range.least) {
      const Wide span = static_cast<Wide>(range.most) - range.least + 1;
      value = range.least + (((value - range.least) % span) + span) % span;
    }
    AppendWhole(static_cast<std::int64_t>(value), column);
  };
}

FieldRule RandomRule(const Field& field, std::uint64_t seed, std::uint64_t number,
                     Options& options) {
  if (IsText(field.type.kind())) {
    const auto length = options.Whole("length", 10, 0, kMostText);
    return [=](std::int64_t n, ColumnBuilder& column) {
      AppendRandomText(seed, number, static_cast<std::uint64_t>(n), length, column);
    };
  }
  if (IsFloat(field.type.kind())) {
    constexpr double kMost = std::numeric_limits<float>::max();
    const double least = options.Number("min", 0, -kMost, kMost);
    const double most = options.Number("max", 1, -kMost, kMost);
    if (least > most) {
      options.Refuse("max", "is less than its min");
    }
    return [=, single = field.type.kind() == TypeKind::kFloat32](std::int64_t n,
                                                                 ColumnBuilder& column) {
      const double value =
          least + (most - least) * Fraction(Mixed(seed, number, static_cast<std::uint64_t>(n)));
      single ? column.Append(static_cast<float>(value)) : column.Append(value);
    };
  }
  const auto usual = UsualRangeOf(field.type);
  const auto least = options.Value("min", usual.least);
  const auto most = options.Value("max", std::max(usual.most, least));
  if (least > most) {
    options.Refuse("max", "is less than its min");
  }
  return [=](std::int64_t n, ColumnBuilder& column) {
    AppendWhole(Within(Mixed(seed, number, static_cast<std::uint64_t>(n)), least, most), column);
  };
}

FieldRule ChoiceRule(const Field& field, std::uint64_t seed, std::uint64_t number,
                     Options& options) {
  std::vector<std::string> values;
  std::string rest = options.Find("values").value_or("");
  for (std::size_t comma = 0; !rest.empty();
       rest.erase(0, comma == std::string::npos ? comma : comma + 1)) {
    comma = rest.find(',');
    values.push_back(rest.substr(0, comma));
  }
  if (field.type.kind() != TypeKind::kString) {
    options.Refuse("kind", "a column of type " + field.type.ToString() + " has no choice",
                   "random, with min and max");
  } else if (values.empty()) {
    options.Refuse("values", "is missing", "write a,b,c");
  }
  return [=](std::int64_t n, ColumnBuilder& column) {
    column.AppendText(values[Mixed(seed, number, static_cast<std::uint64_t>(n)) % values.size()]);
  };
}

FieldRule RuleOf(const Field& field, std::uint64_t seed, std::uint64_t number, Options& options) {
  static const std::vector<std::string> kKinds = {"sequence", "random", "choice"};
  const bool instant =
      field.type.kind() == TypeKind::kTimestamp || field.type.kind() == TypeKind::kTimestampTz;
  const std::string kind = options.Find("kind").value_or(instant ? "sequence" : "random");
  FieldRule rule;
  if (kind == "sequence") {
    return SequenceRule(field, options);  // of which no value is null
  }
  if (kind == "random") {
    rule = RandomRule(field, seed, number, options);
  } else if (kind == "choice") {
    rule = ChoiceRule(field, seed, number, options);
  } else {
    const auto near = base::ClosestMatch(kind, kKinds);
    options.Refuse("kind", "'" + kind + "' is none of its values",
                   (near ? "did you mean '" + *near + "'? " : "") +
                       std::string("it is one of sequence, random, choice"));
    return rule;
  }
  const double nulls = options.Number("null-rate", 0, 0, 1);
  if (nulls == 0) {
    return rule;
  }
  if (field.nullability == Nullability::kRequired) {
    options.Refuse("null-rate", "the column is NOT NULL");
  }
  return [rule, seed, number, nulls](std::int64_t n, ColumnBuilder& column) {
    if (Fraction(Mixed(~seed, number, static_cast<std::uint64_t>(n))) < nulls) {
      return column.AppendNull();
    }
    rule(n, column);
  };
}

}  // namespace

base::Result<std::vector<FieldRule>> MakeFieldRules(const Schema& schema,
                                                    const std::map<std::string, std::string>& given,
                                                    std::uint64_t seed) {
  std::vector<base::FieldError> faults;
  std::vector<FieldRule> rules;
  std::set<std::string> known;
  std::vector<std::string> possible;
  for (const Field& field : schema.fields()) {
    Options options(field, given, faults);
    if (!field.type.children().empty()) {
      options.Refuse("kind", "a column of type " + field.type.ToString() + " cannot be generated");
      continue;
    }
    rules.push_back(RuleOf(field, seed, rules.size(), options));
    for (const std::string& name : options.names()) {
      known.insert(field.name + "." + name);
      possible.push_back(field.name + "." + name);
    }
  }
  for (const auto& [name, text] : given) {
    if (!known.contains(name)) {
      const auto near = base::ClosestMatch(name, possible);
      faults.push_back({"/fields." + name, "no column has such an option",
                        near ? "did you mean 'fields." + *near + "'?" : ""});
    }
  }
  if (!faults.empty()) {
    return base::Error(base::ErrorCode::kValidationFailed, "some options are not valid")
        .WithFields(std::move(faults));
  }
  return rules;
}

}  // namespace streampark::connectors::generator
