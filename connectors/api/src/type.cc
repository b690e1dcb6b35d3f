// SPDX-License-Identifier: Apache-2.0
#include "streampark/connectors/type.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "streampark/base/check.h"

namespace streampark::connectors {
namespace {

constexpr int kMostPrecision = 38;

struct KindRow {
  TypeKind kind;
  std::string_view spelling;
  std::string_view arrow;
  int width;
};

constexpr std::array<KindRow, 17> kKinds = {{
    {TypeKind::kBoolean, "BOOLEAN", "b", 0},
    {TypeKind::kInt8, "TINYINT", "c", 1},
    {TypeKind::kInt16, "SMALLINT", "s", 2},
    {TypeKind::kInt32, "INT", "i", 4},
    {TypeKind::kInt64, "BIGINT", "l", 8},
    {TypeKind::kFloat32, "FLOAT", "f", 4},
    {TypeKind::kFloat64, "DOUBLE", "g", 8},
    {TypeKind::kDecimal, "DECIMAL", "d:", 16},
    {TypeKind::kString, "STRING", "u", 0},
    {TypeKind::kBytes, "BYTES", "z", 0},
    {TypeKind::kDate, "DATE", "tdD", 4},
    {TypeKind::kTime, "TIME", "ttu", 8},
    {TypeKind::kTimestamp, "TIMESTAMP", "tsu:", 8},
    {TypeKind::kTimestampTz, "TIMESTAMP_LTZ", "tsu:UTC", 8},
    {TypeKind::kList, "ARRAY", "+l", 0},
    {TypeKind::kMap, "MAP", "+m", 0},
    {TypeKind::kStruct, "ROW", "+s", 0},
}};

const KindRow& RowOf(TypeKind kind) { return kKinds[static_cast<std::size_t>(kind)]; }

bool HasParameters(TypeKind kind) {
  return kind == TypeKind::kDecimal || kind == TypeKind::kList || kind == TypeKind::kMap ||
         kind == TypeKind::kStruct;
}

bool IsNameStart(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool IsNamePart(char c) { return IsNameStart(c) || (c >= '0' && c <= '9'); }

/// A name as it is spelled: in backticks when it is no plain word.
std::string QuotedName(std::string_view name) {
  if (!name.empty() && IsNameStart(name.front()) &&
      std::all_of(name.begin(), name.end(), IsNamePart)) {
    return std::string(name);
  }
  std::string quoted = "`";
  for (const char c : name) {
    quoted.append(c == '`' ? 2 : 1, c);
  }
  return quoted + "`";
}

std::string NameAndType(const Field& field) {
  std::string text = QuotedName(field.name) + " " + field.type.ToString();
  return field.nullability == Nullability::kRequired ? text + " NOT NULL" : text;
}

std::string ElementType(const Field& field) {
  return field.nullability == Nullability::kRequired ? field.type.ToString() + " NOT NULL"
                                                     : field.type.ToString();
}

/// Types and schemas as ToString writes them.
class SpellingReader {
 public:
  explicit SpellingReader(std::string_view text) : text_(text) {}

  base::Result<Type> ReadType(int depth) {
    if (depth > kDeepest) {
      return Fault("types are nested more than " + std::to_string(kDeepest) + " deep");
    }
    const std::size_t start = Skip();
    const std::string word = UpperWord();
    if (word.empty()) {
      return Fault("a type is missing");
    }
    const auto* row = std::find_if(kKinds.begin(), kKinds.end(),
                                   [&](const KindRow& one) { return one.spelling == word; });
    if (word == "INTEGER") {
      row = &RowOf(TypeKind::kInt32);
    }
    if (row == kKinds.end()) {
      at_ = start;
      return Fault("there is no type '" + word + "'");
    }
    switch (row->kind) {
      case TypeKind::kDecimal:
        return ReadDecimal();
      case TypeKind::kList: {
        SP_TRY(Expect('<'));
        Field element = SP_TRY(ReadElement("element", depth));
        SP_TRY(Expect('>'));
        return Type::List(std::move(element));
      }
      case TypeKind::kMap: {
        SP_TRY(Expect('<'));
        Field key = SP_TRY(ReadElement("key", depth));
        SP_TRY(Expect(','));
        Field value = SP_TRY(ReadElement("value", depth));
        SP_TRY(Expect('>'));
        return Type::Map(std::move(key), std::move(value));
      }
      case TypeKind::kStruct: {
        SP_TRY(Expect('<'));
        std::vector<Field> fields = SP_TRY(ReadFields(depth));
        SP_TRY(Expect('>'));
        return Type::Struct(std::move(fields));
      }
      default:
        return Type(row->kind);
    }
  }

  /// `n t NOT NULL, …, PRIMARY KEY (a, b)`; the key only where `key` is given.
  base::Result<std::vector<Field>> ReadFields(int depth, std::vector<std::string>* key = nullptr) {
    std::vector<Field> fields;
    do {
      const std::size_t start = Skip();
      if (key != nullptr && Word("PRIMARY") && Word("KEY") && Take('(')) {
        SP_TRY(ReadKey(*key, fields));
        break;
      }
      at_ = start;
      std::string name = SP_TRY(ReadName());
      if (Named(fields, name)) {
        return Fault("the name '" + name + "' is there twice");
      }
      Type type = SP_TRY(ReadType(depth + 1));
      fields.push_back({std::move(name), std::move(type), SP_TRY(ReadNullability())});
    } while (Take(','));
    return fields;
  }

  bool Take(char c) {
    Skip();
    if (at_ < text_.size() && text_[at_] == c) {
      ++at_;
      return true;
    }
    return false;
  }

  base::Status Expect(char c) {
    return Take(c) ? base::Ok() : base::Status(Fault(std::string("'") + c + "' is missing"));
  }

  base::Status ExpectEnd() {
    return Skip() == text_.size() ? base::Ok() : base::Status(Fault("something follows"));
  }

 private:
  static constexpr int kDeepest = 32;

  base::Error Fault(std::string what) const {
    return {base::ErrorCode::kInvalidRequest, "'" + std::string(text_.substr(0, 200)) +
                                                  "' is no type: " + std::move(what) +
                                                  " at character " + std::to_string(at_ + 1)};
  }

  static bool Named(const std::vector<Field>& fields, std::string_view name) {
    return std::any_of(fields.begin(), fields.end(),
                       [&](const Field& field) { return field.name == name; });
  }

  std::size_t Skip() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r')) {
      ++at_;
    }
    return at_;
  }

  std::string UpperWord() {
    Skip();
    std::string word;
    while (at_ < text_.size() && IsNamePart(text_[at_])) {
      const char c = text_[at_++];
      word.push_back(c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
    }
    return word;
  }

  bool Word(std::string_view wanted) {
    const std::size_t start = Skip();
    if (UpperWord() == wanted) {
      return true;
    }
    at_ = start;
    return false;
  }

  base::Result<std::string> ReadName() {
    Skip();
    std::string name;
    if (Take('`')) {
      for (;;) {
        if (at_ == text_.size()) {
          return Fault("'`' is missing");
        }
        const char c = text_[at_++];
        if (c == '`' && (at_ == text_.size() || text_[at_] != '`')) {
          break;
        }
        at_ += c == '`' ? 1 : 0;
        name.push_back(c);
      }
    } else if (at_ < text_.size() && IsNameStart(text_[at_])) {
      while (at_ < text_.size() && IsNamePart(text_[at_])) {
        name.push_back(text_[at_++]);
      }
    }
    if (name.empty()) {
      return Fault("a name is missing");
    }
    return name;
  }

  base::Result<Nullability> ReadNullability() {
    if (!Word("NOT")) {
      return Nullability::kNullable;
    }
    if (!Word("NULL")) {
      return Fault("NULL is missing");
    }
    return Nullability::kRequired;
  }

  base::Result<Field> ReadElement(std::string name, int depth) {
    Type type = SP_TRY(ReadType(depth + 1));
    return Field{std::move(name), std::move(type), SP_TRY(ReadNullability())};
  }

  base::Status ReadKey(std::vector<std::string>& key, const std::vector<Field>& fields) {
    do {
      std::string name = SP_TRY(ReadName());
      if (!Named(fields, name)) {
        return Fault("the key names '" + name + "', which is no column");
      }
      if (std::find(key.begin(), key.end(), name) != key.end()) {
        return Fault("the key names '" + name + "' twice");
      }
      key.push_back(std::move(name));
    } while (Take(','));
    return Expect(')');
  }

  base::Result<int> ReadNumber() {
    Skip();
    int number = 0;
    const auto [end, error] =
        std::from_chars(text_.data() + at_, text_.data() + text_.size(), number);
    if (error != std::errc()) {
      return Fault("a number is missing");
    }
    at_ = static_cast<std::size_t>(end - text_.data());
    return number;
  }

  base::Result<Type> ReadDecimal() {
    SP_TRY(Expect('('));
    const int precision = SP_TRY(ReadNumber());
    const int scale = Take(',') ? SP_TRY(ReadNumber()) : 0;
    SP_TRY(Expect(')'));
    if (precision < 1 || precision > kMostPrecision || scale < 0 || scale > precision) {
      return Fault("a decimal has 1 to 38 digits, and not more of them after the point");
    }
    return Type::Decimal(precision, scale);
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

Type::Type(TypeKind kind) : kind_(kind) { SP_CHECK(!HasParameters(kind)); }

Type::Type(TypeKind kind, std::vector<Field> children)
    : kind_(kind), children_(std::make_shared<const std::vector<Field>>(std::move(children))) {}

Type Type::Decimal(int precision, int scale) {
  SP_CHECK(precision >= 1 && precision <= kMostPrecision && scale >= 0 && scale <= precision);
  Type type(TypeKind::kInt64);
  type.kind_ = TypeKind::kDecimal;
  type.precision_ = static_cast<std::uint8_t>(precision);
  type.scale_ = static_cast<std::uint8_t>(scale);
  return type;
}

Type Type::List(Field element) {
  element.name = "element";
  return {TypeKind::kList, {std::move(element)}};
}

Type Type::Map(Field key, Field value) {
  key.name = "key";
  key.nullability = Nullability::kRequired;
  value.name = "value";
  return {TypeKind::kMap, {std::move(key), std::move(value)}};
}

Type Type::Struct(std::vector<Field> fields) { return {TypeKind::kStruct, std::move(fields)}; }

base::Result<Type> Type::Parse(std::string_view text) {
  SpellingReader reader(text);
  Type type = SP_TRY(reader.ReadType(0));
  SP_TRY(reader.ExpectEnd());
  return type;
}

const std::vector<Field>& Type::children() const {
  static const std::vector<Field> kNone;
  return children_ == nullptr ? kNone : *children_;
}

int Type::width() const { return RowOf(kind_).width; }

std::string Type::ToString() const {
  std::string text(RowOf(kind_).spelling);
  switch (kind_) {
    case TypeKind::kDecimal:
      return text + "(" + std::to_string(precision_) + ", " + std::to_string(scale_) + ")";
    case TypeKind::kList:
      return text + "<" + ElementType(children()[0]) + ">";
    case TypeKind::kMap:  // a key is never null, so nothing is said of it
      return text + "<" + children()[0].type.ToString() + ", " + ElementType(children()[1]) + ">";
    case TypeKind::kStruct: {
      text += "<";
      for (std::size_t i = 0; i < children().size(); ++i) {
        text.append(i == 0 ? "" : ", ").append(NameAndType(children()[i]));
      }
      return text + ">";
    }
    default:
      return text;
  }
}

std::string Type::ArrowFormat() const {
  std::string format(RowOf(kind_).arrow);
  if (kind_ == TypeKind::kDecimal) {
    format += std::to_string(precision_) + "," + std::to_string(scale_);
  }
  return format;
}

bool Type::operator==(const Type& other) const {
  return kind_ == other.kind_ && precision_ == other.precision_ && scale_ == other.scale_ &&
         (children_ == other.children_ || children() == other.children());
}

Schema::Schema(std::vector<Field> fields, std::vector<std::string> key)
    : fields_(std::move(fields)), key_(std::move(key)) {
  for (const std::string& name : key_) {
    SP_CHECK(Find(name) >= 0);
  }
}

base::Result<Schema> Schema::Parse(std::string_view text) {
  SpellingReader reader(text);
  const bool braced = reader.Take('(');
  std::vector<std::string> key;
  std::vector<Field> fields = SP_TRY(reader.ReadFields(0, &key));
  if (braced) {
    SP_TRY(reader.Expect(')'));
  }
  SP_TRY(reader.ExpectEnd());
  return Schema(std::move(fields), std::move(key));
}

int Schema::Find(std::string_view name) const {
  const auto found = std::find_if(fields_.begin(), fields_.end(),
                                  [&](const Field& field) { return field.name == name; });
  return found == fields_.end() ? -1 : static_cast<int>(found - fields_.begin());
}

std::string Schema::ToString() const {
  std::string text = "(";
  for (const Field& field : fields_) {
    text.append(text.size() == 1 ? "" : ", ").append(NameAndType(field));
  }
  if (!key_.empty()) {
    text += ", PRIMARY KEY (";
    for (std::size_t i = 0; i < key_.size(); ++i) {
      text.append(i == 0 ? "" : ", ").append(QuotedName(key_[i]));
    }
    text += ")";
  }
  return text + ")";
}

}  // namespace streampark::connectors
