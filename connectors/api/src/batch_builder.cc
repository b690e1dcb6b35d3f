// SPDX-License-Identifier: Apache-2.0
#include "streampark/connectors/batch_builder.h"

#include <algorithm>

namespace streampark::connectors {
namespace {

constexpr std::size_t kMostSpare = 4;

bool HasOffsets(TypeKind kind) {
  return kind == TypeKind::kString || kind == TypeKind::kBytes || kind == TypeKind::kList ||
         kind == TypeKind::kMap;
}

bool IsText(TypeKind kind) { return kind == TypeKind::kString || kind == TypeKind::kBytes; }

std::size_t BytesOfBits(std::int64_t count) { return static_cast<std::size_t>((count + 7) / 8); }

/// Bits appended later are set by or: what is beyond the end has to be 0.
void TruncateBits(Buffer& bits, std::int64_t length) {
  bits.Resize(BytesOfBits(length));
  if ((length & 7) != 0) {
    reinterpret_cast<std::uint8_t*>(bits.mutable_data())[length >> 3] &=
        static_cast<std::uint8_t>((1U << (length & 7)) - 1);
  }
}

/// `length` ones.
void FillOnes(Buffer& bits, std::int64_t length) {
  bits.Resize(BytesOfBits(length));
  if (length > 0) {
    std::memset(bits.mutable_data(), 0xff, bits.size());
    TruncateBits(bits, length);
  }
}

/// Makes it `size` bytes long.
void AppendZeros(Buffer& buffer, std::size_t size) {
  const auto at = buffer.size();
  if (size > at) {
    buffer.Resize(size);
    std::memset(buffer.mutable_data() + at, 0, size - at);
  }
}

Column EmptyColumn(const Type& type) {
  Column column{.type = type};
  for (const Field& field : type.children()) {
    column.children.push_back(EmptyColumn(field.type));
  }
  return column;
}

std::unique_ptr<Batch> EmptyBatch(const SchemaPtr& schema) {
  auto batch = std::make_unique<Batch>();
  batch->schema = schema;
  for (const Field& field : schema->fields()) {
    batch->columns.push_back(EmptyColumn(field.type));
  }
  return batch;
}

}  // namespace

ColumnBuilder::ColumnBuilder(const Type& type) : column_(EmptyColumn(type)) {
  for (const Field& field : type.children()) {
    children_.emplace_back(field.type);
  }
  Restart();
}

void ColumnBuilder::Restart() {
  column_.length = 0;
  owed_ = 0;
  column_.validity.Clear();
  column_.offsets.Clear();
  column_.values.Clear();
  if (HasOffsets(column_.type.kind())) {
    column_.offsets.AppendValue<std::int32_t>(0);
  }
}

void ColumnBuilder::Swap(Column& spare) {
  PayNulls();
  for (std::size_t i = 0; i < children_.size(); ++i) {
    children_[i].Swap(spare.children[i]);
  }
  // The children of a column that is being built are hollow, so those of `spare` stay where they are.
  std::swap(column_.children, spare.children);
  std::swap(column_, spare);
  Restart();
}

void ColumnBuilder::AppendNull() {
  if (column_.type.kind() != TypeKind::kStruct) {
    return AppendNulls(1);
  }
  if (column_.validity.empty()) {
    FillOnes(column_.validity, column_.length);
  }
  AddBit(column_.validity, false);
  ++column_.length;
  ++owed_;
}

void ColumnBuilder::AppendNulls(std::int64_t count) {
  if (column_.validity.empty()) {
    FillOnes(column_.validity, column_.length);
  }
  const auto length = column_.length + count;
  AppendZeros(column_.validity, BytesOfBits(length));
  const TypeKind kind = column_.type.kind();
  if (kind == TypeKind::kBoolean) {
    AppendZeros(column_.values, BytesOfBits(length));
  } else if (kind == TypeKind::kStruct) {
    owed_ += count;
  } else if (HasOffsets(kind)) {
    const std::size_t at =
        IsText(kind) ? column_.values.size() : static_cast<std::size_t>(children_.front().length());
    for (auto i = count; i > 0; --i) {
      EndOffset(at);
    }
  } else {
    AppendZeros(column_.values, static_cast<std::size_t>(length * column_.type.width()));
  }
  column_.length = length;
}

void ColumnBuilder::PayNulls() {
  for (ColumnBuilder& child : children_) {
    child.AppendNulls(owed_);
  }
  owed_ = 0;
}

void ColumnBuilder::AppendFrom(const Column& column, std::int64_t row) {
  if (column.null(row)) {
    return AppendNull();
  }
  switch (column_.type.kind()) {
    case TypeKind::kBoolean:
      return AppendBoolean(column.bit(row));
    case TypeKind::kString:
    case TypeKind::kBytes:
      return AppendText(column.text(row));
    case TypeKind::kList:
    case TypeKind::kMap: {
      const auto [begin, end] = column.range(row);
      for (std::size_t i = 0; i < children_.size(); ++i) {
        for (auto at = begin; at < end; ++at) {
          children_[i].AppendFrom(column.children[i], at);
        }
      }
      return EndList();
    }
    case TypeKind::kStruct:
      for (std::size_t i = 0; i < children_.size(); ++i) {
        child(i).AppendFrom(column.children[i], row);
      }
      return EndStruct();
    default: {
      const auto width = static_cast<std::size_t>(column_.type.width());
      column_.values.Append(column.values.data() + static_cast<std::size_t>(row) * width, width);
      return EndValue();
    }
  }
}

void ColumnBuilder::Truncate(std::int64_t length) {
  PayNulls();
  const TypeKind kind = column_.type.kind();
  if (!column_.validity.empty()) {
    TruncateBits(column_.validity, length);
  }
  if (kind == TypeKind::kBoolean) {
    TruncateBits(column_.values, length);
  } else if (HasOffsets(kind)) {
    column_.offsets.Resize(static_cast<std::size_t>(length + 1) * sizeof(std::int32_t));
    const auto end = column_.offsets.as<std::int32_t>()[length];
    if (IsText(kind)) {
      column_.values.Resize(static_cast<std::size_t>(end));
    }
    for (ColumnBuilder& child : children_) {
      child.Truncate(end);
    }
  } else if (kind == TypeKind::kStruct) {
    for (ColumnBuilder& child : children_) {
      child.Truncate(length);
    }
  } else {
    column_.values.Resize(static_cast<std::size_t>(length * column_.type.width()));
  }
  column_.length = length;
}

BatchBuilder::BatchBuilder(SchemaPtr schema) : schema_(std::move(schema)) {
  for (const Field& field : schema_->fields()) {
    columns_.emplace_back(field.type);
  }
}

void BatchBuilder::EndRow(RowKind kind) {
  for (ColumnBuilder& column : columns_) {
    if (column.length() == length_) {
      column.AppendNull();
    }
    SP_CHECK(column.length() == length_ + 1);
  }
  if (kind != RowKind::kInsert && kinds_.empty()) {
    kinds_.resize(static_cast<std::size_t>(length_), RowKind::kInsert);
    kinds_.push_back(kind);
  } else if (!kinds_.empty()) {
    kinds_.push_back(kind);
  }
  ++length_;
}

void BatchBuilder::Truncate(std::int64_t length) {
  for (ColumnBuilder& column : columns_) {
    column.Truncate(length);
  }
  length_ = length;
  if (!kinds_.empty()) {
    kinds_.resize(static_cast<std::size_t>(length));
  }
  while (!unknown_.empty() && unknown_.back().second >= length) {
    unknown_.pop_back();
  }
}

void BatchBuilder::AppendUnknown(std::size_t column) {
  columns_[column].AppendNull();
  unknown_.emplace_back(column, length_);
}

void BatchBuilder::AppendFrom(const Batch& batch, std::int64_t row) {
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (batch.is_known(i, row)) {
      columns_[i].AppendFrom(batch.columns[i], row);
    } else {
      AppendUnknown(i);
    }
  }
  EndRow(batch.kind(row));
}

std::unique_ptr<Batch> BatchBuilder::Finish() {
  CancelRow();
  std::unique_ptr<Batch> batch;
  if (spare_.empty()) {
    batch = EmptyBatch(schema_);
  } else {
    batch = std::move(spare_.back());
    spare_.pop_back();
  }
  batch->table = nullptr;
  batch->known.clear();
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    columns_[i].Swap(batch->columns[i]);
  }
  batch->length = std::exchange(length_, 0);
  std::swap(batch->kinds, kinds_);
  kinds_.clear();
  for (const auto& [column, row] : unknown_) {
    batch->known.resize(columns_.size());
    Buffer& bits = batch->known[column];
    if (bits.empty()) {
      FillOnes(bits, batch->length);
    }
    reinterpret_cast<std::uint8_t*>(bits.mutable_data())[row >> 3] &=
        static_cast<std::uint8_t>(~(1U << (row & 7)));
  }
  unknown_.clear();
  return batch;
}

void BatchBuilder::Recycle(std::unique_ptr<Batch> batch) {
  if (batch != nullptr && batch->schema == schema_ && spare_.size() < kMostSpare) {
    spare_.push_back(std::move(batch));
  }
}

}  // namespace streampark::connectors
