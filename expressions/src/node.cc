// SPDX-License-Identifier: Apache-2.0
#include "node.h"

#include <algorithm>

#include "streampark/base/check.h"

namespace streampark::expressions {

Storage StorageOf(TypeKind kind) {
  switch (kind) {
    case TypeKind::kFloat32:
    case TypeKind::kFloat64:
      return Storage::kFloating;
    case TypeKind::kDecimal:
      return Storage::kDecimal;
    case TypeKind::kString:
    case TypeKind::kBytes:
      return Storage::kText;
    default:
      return Storage::kWhole;
  }
}

void Vector::Resize(Storage storage, std::size_t length) {
  null.resize(length);
  switch (storage) {
    case Storage::kWhole:
      return wholes.resize(length);
    case Storage::kFloating:
      return floatings.resize(length);
    case Storage::kDecimal:
      return decimals.resize(length);
    case Storage::kText:
      return texts.resize(length);
  }
}

void Vector::Take(Storage storage, const Vector& from, std::size_t row) {
  null[row] = from.null[row];
  switch (storage) {
    case Storage::kWhole:
      wholes[row] = from.wholes[row];
      return;
    case Storage::kFloating:
      floatings[row] = from.floatings[row];
      return;
    case Storage::kDecimal:
      decimals[row] = from.decimals[row];
      return;
    case Storage::kText:
      texts[row] = from.texts[row];
      return;
  }
}

char* Arena::Take(std::size_t size) {
  while (chunk_ < chunks_.size() && used_ + size > chunks_[chunk_].size) {
    ++chunk_;
    used_ = 0;
  }
  if (chunk_ == chunks_.size()) {
    const std::size_t room = std::max(size, kChunk);
    chunks_.push_back({.bytes = std::make_unique_for_overwrite<char[]>(room), .size = room});
  }
  char* taken = chunks_[chunk_].bytes.get() + used_;
  used_ += size;
  return taken;
}

void Arena::Clear() {
  // Chunks for single long texts are given back.
  std::erase_if(chunks_, [](const Chunk& chunk) { return chunk.size > kChunk; });
  chunk_ = 0;
  used_ = 0;
}

std::string Work::Shown(std::string_view text) const {
  if (values == Setting::Values::kHidden) {
    return "the value";
  }
  constexpr std::size_t kMostShownBytes = 80;
  return "'" + std::string(text.substr(0, kMostShownBytes)) +
         (text.size() > kMostShownBytes ? "…'" : "'");
}

}  // namespace streampark::expressions
