// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>
#include <cstring>

#include "streampark/connectors/arrow.h"

#include "arrow_columns.h"

namespace streampark::connectors {
namespace {

constexpr std::string_view kKeyMetadata = "streampark.key";

/// What one exported ArrowSchema points into. Each node owns itself, since a consumer may move one out.
struct SchemaNode {
  std::string format;
  std::string name;
  std::string metadata;
  std::vector<ArrowSchema> children;
  std::vector<ArrowSchema*> pointers;
};

void ReleaseSchema(ArrowSchema* schema) {
  auto* node = static_cast<SchemaNode*>(schema->private_data);
  for (ArrowSchema& child : node->children) {
    if (child.release != nullptr) {
      child.release(&child);
    }
  }
  delete node;
  schema->release = nullptr;
}

/// Fills `out` with a node that has `children` children, which are still to be filled.
SchemaNode& MakeNode(std::string format, std::string_view name, Nullability nullability,
                     std::size_t children, ArrowSchema* out) {
  auto* node = new SchemaNode;
  node->format = std::move(format);
  node->name = name;
  node->children.resize(children);
  for (ArrowSchema& child : node->children) {
    std::memset(&child, 0, sizeof child);
    node->pointers.push_back(&child);
  }
  *out = ArrowSchema{
      .format = node->format.c_str(),
      .name = node->name.c_str(),
      .metadata = nullptr,
      .flags = nullability == Nullability::kNullable ? ARROW_FLAG_NULLABLE : 0,
      .n_children = static_cast<std::int64_t>(children),
      .children = node->pointers.data(),
      .dictionary = nullptr,
      .release = ReleaseSchema,
      .private_data = node,
  };
  return *node;
}

void ExportField(const Field& field, ArrowSchema* out) {
  const auto& children = field.type.children();
  const bool map = field.type.kind() == TypeKind::kMap;
  SchemaNode* node = &MakeNode(field.type.ArrowFormat(), field.name, field.nullability,
                               map ? 1 : children.size(), out);
  if (map) {
    node = &MakeNode("+s", "entries", Nullability::kRequired, children.size(), &node->children[0]);
  }
  for (std::size_t i = 0; i < children.size(); ++i) {
    ExportField(children[i], &node->children[i]);
  }
}

/// Metadata as the interface has them: a count, then name and value, each with its length; native int32.
std::string WriteMetadata(std::string_view name, std::string_view value) {
  std::string bytes;
  const auto number = [&](std::size_t count) {
    const auto narrow = static_cast<std::int32_t>(count);
    bytes.append(reinterpret_cast<const char*>(&narrow), sizeof narrow);
  };
  number(1);
  number(name.size());
  bytes.append(name);
  number(value.size());
  bytes.append(value);
  return bytes;
}

std::optional<std::string> FindMetadata(const char* metadata, std::string_view name) {
  if (metadata == nullptr) {
    return std::nullopt;
  }
  const auto number = [&] {
    std::int32_t value = 0;
    std::memcpy(&value, metadata, sizeof value);
    metadata += sizeof value;
    return value;
  };
  const auto text = [&] {
    const auto size = static_cast<std::size_t>(number());
    const std::string_view view(metadata, size);
    metadata += size;
    return view;
  };
  for (auto count = number(); count > 0; --count) {
    const std::string_view key = text();
    const std::string_view value = text();
    if (key == name) {
      return std::string(value);
    }
  }
  return std::nullopt;
}

base::Error NotOurs(const ArrowSchema& schema, std::string_view why) {
  return {base::ErrorCode::kInvalidRequest,
          "the Arrow column '" + std::string(schema.name == nullptr ? "" : schema.name) +
              "' of format '" + schema.format + "' " + std::string(why)};
}

base::Result<Field> ImportField(const ArrowSchema& schema, int depth);

base::Result<std::vector<Field>> ImportChildren(const ArrowSchema& schema, std::int64_t wanted,
                                                int depth) {
  if (schema.n_children != wanted) {
    return NotOurs(schema, "has " + std::to_string(schema.n_children) + " children");
  }
  std::vector<Field> fields;
  for (std::int64_t i = 0; i < wanted; ++i) {
    fields.push_back(SP_TRY(ImportField(*schema.children[i], depth + 1)));
  }
  return fields;
}

base::Result<Type> ImportDecimal(const ArrowSchema& schema) {
  const std::string_view format(schema.format);
  const char* const end = format.data() + format.size();
  int precision = 0;
  int scale = 0;
  const auto first = std::from_chars(format.data() + 2, end, precision);
  if (first.ec != std::errc() || first.ptr == end || *first.ptr != ',') {
    return NotOurs(schema, "is no decimal");
  }
  const auto second = std::from_chars(first.ptr + 1, end, scale);
  if (second.ec != std::errc() || (second.ptr != end && std::string_view(second.ptr) != ",128") ||
      precision < 1 || precision > 38 || scale < 0 || scale > precision) {
    return NotOurs(schema, "is beyond DECIMAL(38, s)");
  }
  return Type::Decimal(precision, scale);
}

base::Result<Type> ImportType(const ArrowSchema& schema, int depth) {
  constexpr int kDeepest = 64;
  const std::string_view format(schema.format);
  if (depth > kDeepest || schema.dictionary != nullptr) {
    return NotOurs(schema, depth > kDeepest ? "is nested too deep" : "is a dictionary");
  }
  if (format == "+l") {
    std::vector<Field> fields = SP_TRY(ImportChildren(schema, 1, depth));
    return Type::List(std::move(fields[0]));
  }
  if (format == "+m") {
    if (schema.n_children != 1 || std::string_view(schema.children[0]->format) != "+s") {
      return NotOurs(schema, "has no entries");
    }
    std::vector<Field> fields = SP_TRY(ImportChildren(*schema.children[0], 2, depth + 1));
    return Type::Map(std::move(fields[0]), std::move(fields[1]));
  }
  if (format == "+s") {
    return Type::Struct(SP_TRY(ImportChildren(schema, schema.n_children, depth)));
  }
  if (format.starts_with("d:")) {
    return ImportDecimal(schema);
  }
  if (format.starts_with("tsu:")) {  // whatever its zone, an instant is stored in UTC
    return Type(format.size() == 4 ? TypeKind::kTimestamp : TypeKind::kTimestampTz);
  }
  for (int kind = 0; kind <= static_cast<int>(TypeKind::kTime); ++kind) {
    if (kind != static_cast<int>(TypeKind::kDecimal) &&
        Type(static_cast<TypeKind>(kind)).ArrowFormat() == format) {
      return Type(static_cast<TypeKind>(kind));
    }
  }
  return NotOurs(schema, "is of no type that we have");
}

base::Result<Field> ImportField(const ArrowSchema& schema, int depth) {
  Type type = SP_TRY(ImportType(schema, depth));
  return Field{
      schema.name == nullptr ? "" : schema.name, std::move(type),
      (schema.flags & ARROW_FLAG_NULLABLE) != 0 ? Nullability::kNullable : Nullability::kRequired};
}

Field KnownField(const Schema& schema) {
  std::vector<Field> fields;
  for (const Field& field : schema.fields()) {
    fields.push_back({field.name, TypeKind::kBoolean, Nullability::kRequired});
  }
  return {std::string(kKnownColumn), Type::Struct(std::move(fields)), Nullability::kRequired};
}

}  // namespace

void ExportSchema(const Schema& schema, Carry carry, ArrowSchema* out) {
  const auto& fields = schema.fields();
  const std::size_t extra = carry == Carry::kChanges ? 2 : 0;
  SchemaNode& root = MakeNode("+s", "", Nullability::kRequired, fields.size() + extra, out);
  for (std::size_t i = 0; i < fields.size(); ++i) {
    ArrowSchema& column = root.children[i];
    ExportField(fields[i], &column);
    const auto place = std::find(schema.key().begin(), schema.key().end(), fields[i].name);
    if (place != schema.key().end()) {
      auto* node = static_cast<SchemaNode*>(column.private_data);
      node->metadata = WriteMetadata(kKeyMetadata, std::to_string(place - schema.key().begin()));
      column.metadata = node->metadata.data();
    }
  }
  if (carry == Carry::kChanges) {
    ExportField({std::string(kKindColumn), TypeKind::kInt8, Nullability::kRequired},
                &root.children[fields.size()]);
    ExportField(KnownField(schema), &root.children[fields.size() + 1]);
  }
}

base::Result<Schema> ImportSchema(const ArrowSchema& schema, Carry carry) {
  if (std::string_view(schema.format) != "+s") {
    return NotOurs(schema, "is no struct of columns");
  }
  std::vector<Field> fields;
  std::vector<std::pair<std::string, std::string>> key;  // place, name
  for (std::int64_t i = 0; i < schema.n_children; ++i) {
    const ArrowSchema& column = *schema.children[i];
    fields.push_back(SP_TRY(ImportField(column, 0)));
    if (auto place = FindMetadata(column.metadata, kKeyMetadata)) {
      key.emplace_back(std::move(*place), fields.back().name);
    }
  }
  if (carry == Carry::kChanges) {
    if (fields.size() < 2 || fields[fields.size() - 2].name != kKindColumn ||
        fields.back().name != kKnownColumn) {
      return NotOurs(schema, "lacks the columns $kind and $known");
    }
    fields.resize(fields.size() - 2, fields.front());
  }
  std::sort(key.begin(), key.end(), [](const auto& a, const auto& b) {
    return std::pair(a.first.size(), a.first) < std::pair(b.first.size(), b.first);
  });
  std::vector<std::string> names;
  for (auto& [place, name] : key) {
    names.push_back(std::move(name));
  }
  return Schema(std::move(fields), std::move(names));
}

}  // namespace streampark::connectors
