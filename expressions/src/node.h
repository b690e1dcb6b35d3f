// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "streampark/connectors/batch.h"
#include "streampark/connectors/value_text.h"
#include "streampark/expressions/expression.h"

/// What is computed with: a tree of nodes, each with a vector of values that is as long as the batch. A node computes for the rows that it is asked
/// for and leaves all others as they are, so that a branch that is not taken fails for nobody.
namespace streampark::expressions {

using connectors::Int128;
using connectors::Type;
using connectors::TypeKind;

/// How values lie in a vector: four ways for all types.
enum class Storage : std::uint8_t {
  kWhole,  // BOOLEAN (0, 1), TINYINT … BIGINT, DATE, TIME, TIMESTAMP, TIMESTAMP_LTZ: std::int64_t
  kFloating,  // FLOAT, DOUBLE: double
  kDecimal,   // Int128, unscaled
  kText,      // STRING, BYTES: std::string_view into the batch, the arena or a constant
};

Storage StorageOf(TypeKind kind);

struct Vector {
  std::vector<std::uint8_t> null;  // 1: it is
  std::vector<std::int64_t> wholes;
  std::vector<double> floatings;
  std::vector<Int128> decimals;
  std::vector<std::string_view> texts;

  template <typename T>
  std::vector<T>& values() {
    if constexpr (std::is_same_v<T, std::int64_t>) {
      return wholes;
    } else if constexpr (std::is_same_v<T, double>) {
      return floatings;
    } else if constexpr (std::is_same_v<T, Int128>) {
      return decimals;
    } else {
      return texts;
    }
  }
  template <typename T>
  const std::vector<T>& values() const {
    return const_cast<Vector*>(this)->values<T>();
  }
  void Resize(Storage storage, std::size_t length);
  /// A value of `from`, of the same storage.
  void Take(Storage storage, const Vector& from, std::size_t row);
};

/// Rows of a batch, ascending.
struct Rows {
  const std::int32_t* at = nullptr;  // null: the first `count`
  std::size_t count = 0;
  std::size_t length = 0;  // of the batch

  template <typename F>
  void ForEach(F&& each) const {
    if (at == nullptr) {
      for (std::size_t row = 0; row < count; ++row) {
        each(row);
      }
    } else {
      for (std::size_t i = 0; i < count; ++i) {
        each(static_cast<std::size_t>(at[i]));
      }
    }
  }
  static Rows Of(const std::vector<std::int32_t>& rows, std::size_t length) {
    return {.at = rows.data(), .count = rows.size(), .length = length};
  }
};

/// Bytes that live as long as a batch is worked on.
class Arena {
 public:
  char* Take(std::size_t size);
  std::string_view Keep(std::string_view text) {
    if (text.empty()) {
      return {};
    }
    char* kept = Take(text.size());
    std::memcpy(kept, text.data(), text.size());
    return {kept, text.size()};
  }
  /// What Take gave may be used again.
  void Clear();

 private:
  static constexpr std::size_t kChunk = std::size_t{256} << 10U;
  struct Chunk {
    std::unique_ptr<char[]> bytes;
    std::size_t size = 0;
  };
  std::vector<Chunk> chunks_;
  std::size_t chunk_ = 0;
  std::size_t used_ = 0;  // of that chunk
};

/// One evaluation.
struct Work {
  const connectors::Batch* batch = nullptr;
  Arena* arena = nullptr;
  std::vector<Failure>* failures = nullptr;
  Setting::Values values = Setting::Values::kShown;

  /// Always false: the row has no value.
  bool Fail(std::size_t row, std::string reason) {
    failures->push_back({static_cast<std::int64_t>(row), std::move(reason)});
    return false;
  }
  /// A value in a reason, short and quoted.
  std::string Shown(std::string_view text) const;
};

class Node {
 public:
  explicit Node(Storage storage) : storage_(storage) {}
  virtual ~Node() = default;
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  Storage storage() const { return storage_; }
  /// The values of those rows; good until the next call.
  const Vector& Run(Work& work, const Rows& rows) {
    out_.Resize(storage_, rows.length);
    Compute(work, rows);
    return out_;
  }

 protected:
  virtual void Compute(Work& work, const Rows& rows) = 0;
  Vector out_;

 private:
  const Storage storage_;
};

using NodePtr = std::unique_ptr<Node>;

template <typename T>
constexpr Storage kStorageOf = std::is_same_v<T, std::int64_t> ? Storage::kWhole
                               : std::is_same_v<T, double>     ? Storage::kFloating
                               : std::is_same_v<T, Int128>     ? Storage::kDecimal
                                                               : Storage::kText;

/// Null when an argument is; else `f(work, arguments, row, out)`, which is null when that returns false.
template <typename Out, std::size_t N, typename F>
class CallNode final : public Node {
 public:
  CallNode(std::array<NodePtr, N> arguments, F f)
      : Node(kStorageOf<Out>), arguments_(std::move(arguments)), f_(std::move(f)) {}

 private:
  void Compute(Work& work, const Rows& rows) override {
    std::array<const Vector*, N> in;
    for (std::size_t i = 0; i < N; ++i) {
      in[i] = &arguments_[i]->Run(work, rows);
    }
    Out* const out = out_.values<Out>().data();
    rows.ForEach([&](std::size_t row) {
      std::uint8_t null = 0;
      for (std::size_t i = 0; i < N; ++i) {
        null |= in[i]->null[row];
      }
      out_.null[row] = null != 0 || !f_(work, in, row, out[row]) ? 1 : 0;
    });
  }

  std::array<NodePtr, N> arguments_;
  F f_;
};

template <typename Out, typename F, typename... Arguments>
NodePtr MakeCall(F f, Arguments... arguments) {
  constexpr std::size_t kCount = sizeof...(Arguments);
  return std::make_unique<CallNode<Out, kCount, F>>(
      std::array<NodePtr, kCount>{std::move(arguments)...}, std::move(f));
}

/// A value of an argument.
template <typename T, std::size_t N>
const T& In(const std::array<const Vector*, N>& in, std::size_t argument, std::size_t row) {
  return in[argument]->template values<T>()[row];
}

}  // namespace streampark::expressions
