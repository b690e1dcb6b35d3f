// SPDX-License-Identifier: Apache-2.0
#include "avro_schema.h"

#include <algorithm>
#include <map>
#include <optional>

#include "streampark/base/json.h"

namespace streampark::formats {
namespace {

using connectors::Field;
using connectors::Nullability;
using connectors::Type;
using connectors::TypeKind;
using Kind = AvroType::Kind;
using Logical = AvroType::Logical;

constexpr std::size_t kMostTypes = 10'000;
constexpr std::size_t kLargestFixed = 1U << 20U;

base::Error Fault(const std::string& what) {
  return {base::ErrorCode::kInvalidRequest, "the Avro schema " + what};
}

std::optional<Kind> PrimitiveKind(std::string_view name) {
  constexpr std::pair<std::string_view, Kind> kPrimitives[] = {
      {"null", Kind::kNull},   {"boolean", Kind::kBoolean}, {"int", Kind::kInt},
      {"long", Kind::kLong},   {"float", Kind::kFloat},     {"double", Kind::kDouble},
      {"bytes", Kind::kBytes}, {"string", Kind::kString},
  };
  for (const auto& [known, kind] : kPrimitives) {
    if (known == name) {
      return kind;
    }
  }
  return std::nullopt;
}

struct LogicalRow {
  std::string_view name;
  Logical logical;
  Kind on;
  TypeKind ours;
};
constexpr LogicalRow kLogicals[] = {
    {"date", Logical::kDate, Kind::kInt, TypeKind::kDate},
    {"time-millis", Logical::kTimeMillis, Kind::kInt, TypeKind::kTime},
    {"time-micros", Logical::kTimeMicros, Kind::kLong, TypeKind::kTime},
    {"timestamp-millis", Logical::kTimestampMillis, Kind::kLong, TypeKind::kTimestampTz},
    {"timestamp-micros", Logical::kTimestampMicros, Kind::kLong, TypeKind::kTimestampTz},
    {"local-timestamp-millis", Logical::kLocalTimestampMillis, Kind::kLong, TypeKind::kTimestamp},
    {"local-timestamp-micros", Logical::kLocalTimestampMicros, Kind::kLong, TypeKind::kTimestamp},
};

class SchemaReader {
 public:
  base::Result<AvroTypePtr> Read(const json::value& value, const std::string& space) {
    if (++count_ > kMostTypes) {
      return Fault("has more than 10,000 types");
    }
    if (const auto* name = value.if_string()) {
      return Named(std::string(*name), space);
    }
    if (const auto* branches = value.if_array()) {
      auto type = std::make_shared<AvroType>();
      type->kind = Kind::kUnion;
      for (const json::value& branch : *branches) {
        type->children.push_back({"", SP_TRY(Read(branch, space))});
        if (type->children.back().type->kind == Kind::kUnion) {
          return Fault("has a union in a union");
        }
      }
      return AvroTypePtr(std::move(type));
    }
    const auto* object = value.if_object();
    if (object == nullptr) {
      return Fault("has a type that is no text, object or list");
    }
    const auto type = object->find("type");
    if (type == object->end()) {
      return Fault("has an object without a type");
    }
    const auto* word = type->value().if_string();
    if (word == nullptr) {
      return Read(type->value(), space);
    }
    return ReadObject(*object, std::string(*word), space);
  }

 private:
  base::Result<AvroTypePtr> Named(const std::string& name, const std::string& space) {
    if (const auto kind = PrimitiveKind(name)) {
      auto type = std::make_shared<AvroType>();
      type->kind = *kind;
      return AvroTypePtr(std::move(type));
    }
    auto found = named_.find(
        name.find('.') != std::string::npos || space.empty() ? name : space + "." + name);
    found = found == named_.end() ? named_.find(name) : found;
    if (found == named_.end()) {
      return Fault("names the type '" + name + "', which it does not define");
    }
    if (found->second == nullptr) {
      return Fault("has the type '" + name + "', which holds itself");
    }
    // What is used twice counts twice: else a small schema could stand for a huge one.
    count_ += SizeOf(*found->second);
    return found->second;
  }

  std::size_t SizeOf(const AvroType& type) const {
    std::size_t size = 1;
    for (const AvroField& child : type.children) {
      size += size > kMostTypes ? 0 : SizeOf(*child.type);
    }
    return size;
  }

  base::Result<AvroTypePtr> ReadObject(const json::object& object, const std::string& word,
                                       const std::string& space) {
    auto type = std::make_shared<AvroType>();
    if (word == "array" || word == "map") {
      const bool array = word == "array";
      type->kind = array ? Kind::kArray : Kind::kMap;
      const auto inner = object.find(array ? "items" : "values");
      if (inner == object.end()) {
        return Fault("has an " + word + " of nothing");
      }
      type->children.push_back({"", SP_TRY(Read(inner->value(), space))});
      return AvroTypePtr(std::move(type));
    }
    if (word != "record" && word != "error" && word != "enum" && word != "fixed") {
      const auto plain = SP_TRY(Named(word, space));
      *type = *plain;
      SP_TRY(ReadLogical(object, *type));
      return AvroTypePtr(std::move(type));
    }
    std::string name = json::StringOr(object, "name");
    std::string inside = json::StringOr(object, "namespace", space);
    if (const auto dot = name.rfind('.'); dot != std::string::npos) {
      inside = name.substr(0, dot);
    } else if (!inside.empty()) {
      name = inside + "." + name;
    }
    if (name.empty() || named_.contains(name)) {
      return Fault("defines the type '" + name + "' twice, or without a name");
    }
    named_[name] = nullptr;
    if (word == "enum") {
      type->kind = Kind::kEnum;
      type->symbols = json::StringsOf(object, "symbols");
    } else if (word == "fixed") {
      const auto size = json::IntegerOr(object, "size", -1);
      if (size < 0 || static_cast<std::size_t>(size) > kLargestFixed) {
        return Fault("has the fixed type '" + name + "' without a size of at most 1 MiB");
      }
      type->kind = Kind::kFixed;
      type->size = static_cast<std::size_t>(size);
      SP_TRY(ReadLogical(object, *type));
    } else {
      type->kind = Kind::kRecord;
      SP_TRY(ReadFields(object, inside, *type));
    }
    named_[name] = type;
    return AvroTypePtr(std::move(type));
  }

  base::Status ReadFields(const json::object& object, const std::string& space, AvroType& type) {
    const json::array* fields = json::FindArray(object, "fields");
    if (fields == nullptr) {
      return Fault("has a record without fields");
    }
    for (const json::value& one : *fields) {
      const auto* field = one.if_object();
      const auto inner = field == nullptr ? std::nullopt : json::FindString(*field, "name");
      if (!inner || !field->contains("type")) {
        return Fault("has a field without name or type");
      }
      auto read = SP_TRY(Read(field->at("type"), space));
      type.children.push_back({*inner, std::move(read)});
    }
    return base::Ok();
  }

  /// A logical type that is not known, or does not fit, is ignored, as the specification wants.
  static base::Status ReadLogical(const json::object& object, AvroType& type) {
    const std::string name = json::StringOr(object, "logicalType");
    if (name == "decimal" && (type.kind == Kind::kBytes || type.kind == Kind::kFixed)) {
      const auto precision = json::IntegerOr(object, "precision");
      const auto scale = json::IntegerOr(object, "scale");
      if (precision < 1 || precision > 38 || scale < 0 || scale > precision) {
        return Fault("has a decimal beyond DECIMAL(38, s)");
      }
      type.logical = Logical::kDecimal;
      type.precision = static_cast<int>(precision);
      type.scale = static_cast<int>(scale);
    }
    for (const LogicalRow& row : kLogicals) {
      if (row.name == name && row.on == type.kind) {
        type.logical = row.logical;
      }
    }
    return base::Ok();
  }

  std::map<std::string, AvroTypePtr> named_;  // null as long as it is being defined
  std::size_t count_ = 0;
};

base::Error NoForm(std::string_view name, std::string_view why) {
  return {base::ErrorCode::kValidationFailed,
          "the field '" + std::string(name) + "' " + std::string(why)};
}

bool IsAvroName(std::string_view name) {
  const auto part = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  return !name.empty() && !(name[0] >= '0' && name[0] <= '9') &&
         std::all_of(name.begin(), name.end(), part);
}

base::Result<json::value> Spell(const Field& field, const std::string& path);

json::object LogicalOn(std::string_view on, std::string_view logical) {
  return {{"type", on}, {"logicalType", logical}};
}

base::Result<json::value> SpellRecord(const std::vector<Field>& fields, const std::string& path) {
  json::array spelled;
  for (const Field& field : fields) {
    if (!IsAvroName(field.name)) {
      return NoForm(field.name, "has a name that Avro does not allow");
    }
    json::object one{{"name", field.name}};
    one["type"] = SP_TRY(Spell(field, path + "_" + field.name));
    if (field.nullability == Nullability::kNullable) {
      one["default"] = nullptr;
    }
    spelled.push_back(std::move(one));
  }
  return json::value(
      json::object{{"type", "record"}, {"name", path}, {"fields", std::move(spelled)}});
}

base::Result<json::value> SpellType(const Field& field, const std::string& path) {
  const Type& type = field.type;
  switch (type.kind()) {
    case TypeKind::kBoolean:
      return json::value("boolean");
    case TypeKind::kInt8:
    case TypeKind::kInt16:
    case TypeKind::kInt32:
      return json::value("int");
    case TypeKind::kInt64:
      return json::value("long");
    case TypeKind::kFloat32:
      return json::value("float");
    case TypeKind::kFloat64:
      return json::value("double");
    case TypeKind::kDecimal: {
      json::object decimal = LogicalOn("bytes", "decimal");
      decimal["precision"] = type.precision();
      decimal["scale"] = type.scale();
      return json::value(std::move(decimal));
    }
    case TypeKind::kString:
      return json::value("string");
    case TypeKind::kBytes:
      return json::value("bytes");
    case TypeKind::kDate:
      return json::value(LogicalOn("int", "date"));
    case TypeKind::kTime:
      return json::value(LogicalOn("long", "time-micros"));
    case TypeKind::kTimestamp:
      return json::value(LogicalOn("long", "local-timestamp-micros"));
    case TypeKind::kTimestampTz:
      return json::value(LogicalOn("long", "timestamp-micros"));
    case TypeKind::kList:
      return json::value(
          json::object{{"type", "array"}, {"items", SP_TRY(Spell(type.children()[0], path))}});
    case TypeKind::kMap:
      if (type.children()[0].type.kind() != TypeKind::kString) {
        return NoForm(field.name, "is a map whose keys are no STRING, which Avro does not have");
      }
      return json::value(
          json::object{{"type", "map"}, {"values", SP_TRY(Spell(type.children()[1], path))}});
    case TypeKind::kStruct:
      return SpellRecord(type.children(), path);
  }
  return json::value();
}

base::Result<json::value> Spell(const Field& field, const std::string& path) {
  json::value type = SP_TRY(SpellType(field, path));
  return field.nullability == Nullability::kNullable
             ? json::value(json::array{"null", std::move(type)})
             : std::move(type);
}

}  // namespace

base::Result<AvroTypePtr> ParseAvroSchema(std::string_view json) {
  // A primitive type may stand alone, without quotes of JSON, as some writers leave them out.
  if (PrimitiveKind(json)) {
    return SchemaReader().Read(json::value(json), "");
  }
  const json::value value = SP_TRY(json::Parse(json));
  return SchemaReader().Read(value, "");
}

base::Result<Field> FieldOfAvro(const AvroField& field) {
  const AvroType& type = *field.type;
  const auto made = [&](Type ours) {
    return Field{field.name, std::move(ours), Nullability::kRequired};
  };
  switch (type.kind) {
    case Kind::kBoolean:
      return made(TypeKind::kBoolean);
    case Kind::kInt:
    case Kind::kLong:
      for (const LogicalRow& row : kLogicals) {
        if (row.logical == type.logical) {
          return made(row.ours);
        }
      }
      return made(type.kind == Kind::kInt ? TypeKind::kInt32 : TypeKind::kInt64);
    case Kind::kFloat:
      return made(TypeKind::kFloat32);
    case Kind::kDouble:
      return made(TypeKind::kFloat64);
    case Kind::kString:
    case Kind::kEnum:
      return made(TypeKind::kString);
    case Kind::kBytes:
    case Kind::kFixed:
      return made(type.logical == Logical::kDecimal ? Type::Decimal(type.precision, type.scale)
                                                    : Type(TypeKind::kBytes));
    case Kind::kArray:
      return made(Type::List(SP_TRY(FieldOfAvro({field.name, type.children[0].type}))));
    case Kind::kMap:
      return made(Type::Map({"", TypeKind::kString},
                            SP_TRY(FieldOfAvro({field.name, type.children[0].type}))));
    case Kind::kRecord: {
      std::vector<Field> fields;
      for (const AvroField& child : type.children) {
        fields.push_back(SP_TRY(FieldOfAvro(child)));
      }
      return made(Type::Struct(std::move(fields)));
    }
    case Kind::kUnion:
      if (type.children.size() == 2) {
        const bool first = type.children[0].type->kind == Kind::kNull;
        const bool second = type.children[1].type->kind == Kind::kNull;
        if (first != second) {
          Field inner = SP_TRY(FieldOfAvro({field.name, type.children[first ? 1 : 0].type}));
          inner.nullability = Nullability::kNullable;
          return inner;
        }
      }
      return NoForm(field.name, "is a union, which no type of ours is");
    case Kind::kNull:
      break;
  }
  return NoForm(field.name, "is always null, which no type of ours is");
}

base::Result<std::string> WriteAvroSchema(const connectors::Schema& schema) {
  const json::value spelled = SP_TRY(SpellRecord(schema.fields(), "Row"));
  return json::serialize(spelled);
}

}  // namespace streampark::formats
