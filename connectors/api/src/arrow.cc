// SPDX-License-Identifier: Apache-2.0
#include "streampark/connectors/arrow.h"

#include <cstring>
#include <utility>

namespace streampark::connectors {
namespace {

// What a pointer that may not be null points at when there is nothing: also the one offset of no rows.
alignas(16) constexpr std::byte kNothing[16] = {};

/// What one exported ArrowArray points into. Each node keeps the batch alive, since a consumer may move one out.
struct ArrayNode {
  std::shared_ptr<const void> owner;
  const void* buffers[3] = {};
  std::vector<ArrowArray> children;
  std::vector<ArrowArray*> pointers;
};

void ReleaseArray(ArrowArray* array) {
  auto* node = static_cast<ArrayNode*>(array->private_data);
  for (ArrowArray& child : node->children) {
    if (child.release != nullptr) {
      child.release(&child);
    }
  }
  delete node;
  array->release = nullptr;
}

const void* PointerOf(const Buffer& buffer) { return buffer.empty() ? kNothing : buffer.data(); }

class Exporter {
 public:
  explicit Exporter(std::shared_ptr<const void> owner) : owner_(std::move(owner)) {}

  /// An array of `buffers` buffers, whose first is the validity, and children that are still to be filled.
  ArrayNode& MakeNode(std::int64_t length, std::int64_t buffers, std::size_t children,
                      ArrowArray* out) const {
    auto* node = new ArrayNode;
    node->owner = owner_;
    node->children.resize(children);
    for (ArrowArray& child : node->children) {
      std::memset(&child, 0, sizeof child);
      node->pointers.push_back(&child);
    }
    *out = ArrowArray{
        .length = length,
        .null_count = 0,
        .offset = 0,
        .n_buffers = buffers,
        .n_children = static_cast<std::int64_t>(children),
        .buffers = node->buffers,
        .children = node->pointers.data(),
        .dictionary = nullptr,
        .release = ReleaseArray,
        .private_data = node,
    };
    return *node;
  }

  void ExportBits(std::int64_t length, const void* bits, ArrowArray* out) const {
    MakeNode(length, 2, 0, out).buffers[1] = bits;
  }

  void ExportColumn(const Column& column, ArrowArray* out) const {
    const TypeKind kind = column.type.kind();
    ArrayNode* node = nullptr;
    switch (kind) {
      case TypeKind::kString:
      case TypeKind::kBytes:
        node = &MakeNode(column.length, 3, 0, out);
        node->buffers[1] = PointerOf(column.offsets);
        node->buffers[2] = PointerOf(column.values);
        break;
      case TypeKind::kList:
        node = &MakeNode(column.length, 2, 1, out);
        node->buffers[1] = PointerOf(column.offsets);
        ExportColumn(column.children[0], &node->children[0]);
        break;
      case TypeKind::kMap: {
        node = &MakeNode(column.length, 2, 1, out);
        node->buffers[1] = PointerOf(column.offsets);
        ArrayNode& entries = MakeNode(column.children[0].length, 1, 2, &node->children[0]);
        ExportColumn(column.children[0], &entries.children[0]);
        ExportColumn(column.children[1], &entries.children[1]);
        break;
      }
      case TypeKind::kStruct:
        node = &MakeNode(column.length, 1, column.children.size(), out);
        for (std::size_t i = 0; i < column.children.size(); ++i) {
          ExportColumn(column.children[i], &node->children[i]);
        }
        break;
      default:
        node = &MakeNode(column.length, 2, 0, out);
        node->buffers[1] = PointerOf(column.values);
    }
    if (!column.validity.empty()) {
      node->buffers[0] = column.validity.data();
      out->null_count = -1;  // not counted
    }
  }

 private:
  std::shared_ptr<const void> owner_;
};

/// A batch and what is made for its export alone.
struct Exported {
  std::unique_ptr<Batch> batch;
  std::vector<RowKind> kinds;
  std::vector<std::uint8_t> ones;
};

base::Error Misshapen(const Type& type, std::string_view what) {
  return {base::ErrorCode::kInvalidRequest,
          "an Arrow array for " + type.ToString() + " " + std::string(what)};
}

class Importer {
 public:
  explicit Importer(std::shared_ptr<const void> owner) : owner_(std::move(owner)) {}

  /// `length` values of `array` from `begin` on, which counts from the array's own offset.
  base::Result<Column> ImportColumn(const ArrowArray& array, const Type& type, std::int64_t begin,
                                    std::int64_t length) const {
    SP_TRY(CheckShape(array, type, begin, length));
    const std::int64_t first = array.offset + begin;
    Column column{.type = type, .length = length};
    if (array.buffers[0] != nullptr && array.null_count != 0) {
      column.validity = Bits(array.buffers[0], first, length);
    }
    switch (type.kind()) {
      case TypeKind::kBoolean:
        column.values = Bits(array.buffers[1], first, length);
        return column;
      case TypeKind::kString:
      case TypeKind::kBytes:
        column.offsets = Offsets(array, first, length);
        column.values = Bytes(array.buffers[2], 0, End(column));
        return column;
      case TypeKind::kList: {
        column.offsets = Offsets(array, first, length);
        const ArrowArray& child = *array.children[0];
        column.children.push_back(
            SP_TRY(ImportColumn(child, type.children()[0].type, 0, child.length)));
        return column;
      }
      case TypeKind::kMap: {
        column.offsets = Offsets(array, first, length);
        const ArrowArray& entries = *array.children[0];
        SP_TRY(ImportChildren(entries, type, 0, entries.length, column));
        return column;
      }
      case TypeKind::kStruct:
        SP_TRY(ImportChildren(array, type, first, length, column));
        return column;
      default: {
        const auto width = static_cast<std::size_t>(type.width());
        column.values = Bytes(array.buffers[1], static_cast<std::size_t>(first) * width,
                              static_cast<std::size_t>(length) * width);
        return column;
      }
    }
  }

  Buffer Bits(const void* bits, std::int64_t first, std::int64_t length) const {
    const auto count = static_cast<std::size_t>((length + 7) / 8);
    if ((first & 7) == 0) {
      return Bytes(bits, static_cast<std::size_t>(first / 8), count);
    }
    Buffer copy;
    copy.Resize(count);
    auto* to = copy.mutable_data();
    if (count > 0) {
      std::memset(to, 0, count);
    }
    const auto* from = static_cast<const std::uint8_t*>(bits);
    for (std::int64_t i = 0; i < length; ++i) {
      const auto at = first + i;
      const auto bit = static_cast<unsigned>(from[at >> 3] >> (at & 7)) & 1U;
      to[i >> 3] |= static_cast<std::byte>(bit << (i & 7));
    }
    return copy;
  }

 private:
  static base::Status CheckShape(const ArrowArray& array, const Type& type, std::int64_t begin,
                                 std::int64_t length) {
    const TypeKind kind = type.kind();
    const bool text = kind == TypeKind::kString || kind == TypeKind::kBytes;
    const std::int64_t buffers = kind == TypeKind::kStruct ? 1 : text ? 3 : 2;
    const std::int64_t children = kind == TypeKind::kStruct
                                      ? static_cast<std::int64_t>(type.children().size())
                                  : type.children().empty() ? 0
                                                            : 1;
    if (array.n_buffers != buffers || array.n_children != children) {
      return Misshapen(type, "has " + std::to_string(array.n_buffers) + " buffers and " +
                                 std::to_string(array.n_children) + " children");
    }
    if (begin < 0 || length < 0 || begin + length > array.length) {
      return Misshapen(type, "is too short");
    }
    if (kind == TypeKind::kMap && array.children[0]->n_children != 2) {
      return Misshapen(type, "has no entries");
    }
    return base::Ok();
  }

  base::Status ImportChildren(const ArrowArray& array, const Type& type, std::int64_t begin,
                              std::int64_t length, Column& column) const {
    // Entries are a struct of their own, whose offset is not counted yet.
    const std::int64_t first = type.kind() == TypeKind::kMap ? array.offset : begin;
    for (std::size_t i = 0; i < type.children().size(); ++i) {
      column.children.push_back(
          SP_TRY(ImportColumn(*array.children[i], type.children()[i].type, first, length)));
    }
    return base::Ok();
  }

  Buffer Bytes(const void* from, std::size_t first, std::size_t count) const {
    if (from == nullptr || count == 0) {
      return {};
    }
    return Buffer::Borrow({static_cast<const std::byte*>(from) + first, count}, owner_);
  }

  Buffer Offsets(const ArrowArray& array, std::int64_t first, std::int64_t length) const {
    if (length == 0) {
      return {};
    }
    return Bytes(array.buffers[1], static_cast<std::size_t>(first) * sizeof(std::int32_t),
                 static_cast<std::size_t>(length + 1) * sizeof(std::int32_t));
  }

  static std::size_t End(const Column& column) {
    return column.offsets.empty()
               ? 0
               : static_cast<std::size_t>(column.offsets.as<std::int32_t>()[column.length]);
  }

  std::shared_ptr<const void> owner_;
};

}  // namespace

base::Status ExportBatch(std::unique_ptr<Batch> batch, Carry carry, ArrowArray* out) {
  if (carry == Carry::kRows && (!batch->kinds.empty() || !batch->known.empty())) {
    return base::Error(base::ErrorCode::kIllegalState,
                       "a batch of changes cannot be handed over as plain rows");
  }
  auto exported = std::make_shared<Exported>();
  exported->batch = std::move(batch);
  const Batch& rows = *exported->batch;
  const std::size_t columns = rows.columns.size();
  if (carry == Carry::kChanges) {
    exported->kinds = rows.kinds;
    exported->kinds.resize(static_cast<std::size_t>(rows.length), RowKind::kInsert);
    exported->ones.assign(static_cast<std::size_t>((rows.length + 7) / 8) + 1, 0xff);
  }
  const Exporter exporter(exported);
  ArrayNode& root =
      exporter.MakeNode(rows.length, 1, columns + (carry == Carry::kChanges ? 2 : 0), out);
  for (std::size_t i = 0; i < columns; ++i) {
    exporter.ExportColumn(rows.columns[i], &root.children[i]);
  }
  if (carry == Carry::kChanges) {
    static_assert(sizeof(RowKind) == 1);
    exporter.MakeNode(rows.length, 2, 0, &root.children[columns]).buffers[1] =
        exported->kinds.empty() ? static_cast<const void*>(kNothing) : exported->kinds.data();
    ArrayNode& known = exporter.MakeNode(rows.length, 1, columns, &root.children[columns + 1]);
    for (std::size_t i = 0; i < columns; ++i) {
      const bool all = rows.known.empty() || rows.known[i].empty();
      exporter.ExportBits(rows.length,
                          all ? static_cast<const void*>(exported->ones.data())
                              : static_cast<const void*>(rows.known[i].data()),
                          &known.children[i]);
    }
  }
  return base::Ok();
}

base::Result<std::unique_ptr<Batch>> ImportBatch(ArrowArray* array, SchemaPtr schema, Carry carry) {
  auto* moved = new ArrowArray(*array);
  array->release = nullptr;
  const std::shared_ptr<const ArrowArray> owner(moved, [](const ArrowArray* held) {
    auto* taken = const_cast<ArrowArray*>(held);
    if (taken->release != nullptr) {
      taken->release(taken);
    }
    delete taken;
  });
  const auto& fields = schema->fields();
  const std::size_t extra = carry == Carry::kChanges ? 2 : 0;
  if (owner->n_children != static_cast<std::int64_t>(fields.size() + extra)) {
    return base::Error(base::ErrorCode::kInvalidRequest,
                       "an Arrow array of " + std::to_string(owner->n_children) +
                           " columns is not of the schema " + schema->ToString());
  }
  const Importer importer(owner);
  auto batch = std::make_unique<Batch>();
  batch->length = owner->length;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    batch->columns.push_back(SP_TRY(
        importer.ImportColumn(*owner->children[i], fields[i].type, owner->offset, owner->length)));
  }
  if (carry == Carry::kChanges) {
    const Column kinds = SP_TRY(importer.ImportColumn(
        *owner->children[fields.size()], TypeKind::kInt8, owner->offset, owner->length));
    const auto* from = kinds.values.as<RowKind>();
    for (std::int64_t row = 0; row < owner->length; ++row) {
      if (from[row] > RowKind::kDelete) {
        return base::Error(base::ErrorCode::kInvalidRequest, "a row of an Arrow array has no kind");
      }
      if (from[row] != RowKind::kInsert && batch->kinds.empty()) {
        batch->kinds.assign(from, from + owner->length);
      }
    }
    std::vector<Field> known(fields.size(), {"known", TypeKind::kBoolean});
    Column bits =
        SP_TRY(importer.ImportColumn(*owner->children[fields.size() + 1],
                                     Type::Struct(std::move(known)), owner->offset, owner->length));
    for (std::size_t i = 0; i < fields.size(); ++i) {
      const Column& one = bits.children[i];
      for (std::int64_t row = 0; row < owner->length; ++row) {
        if (!one.bit(row)) {
          batch->known.resize(fields.size());
          batch->known[i] = std::move(bits.children[i].values);
          break;
        }
      }
    }
  }
  batch->schema = std::move(schema);
  return batch;
}

}  // namespace streampark::connectors
