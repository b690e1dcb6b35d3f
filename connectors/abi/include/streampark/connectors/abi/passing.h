// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "streampark/base/error_text.h"
#include "streampark/base/result.h"
#include "streampark/connectors/abi/connector_abi.h"
#include "streampark/connectors/sink.h"
#include "streampark/connectors/source.h"

/// How values pass a C face, for both of its sides: that of connectors, and that of job libraries.
namespace streampark::connectors::abi {

inline SpSlice Slice(std::string_view text) { return {text.data(), text.size()}; }
inline std::string_view View(const SpSlice& slice) { return {slice.data, slice.size}; }
inline std::string Text(const SpSlice& slice) { return std::string(View(slice)); }

inline SpSplit Pass(const Split& split) {
  return {Slice(split.id), {split.position.version, Slice(split.position.bytes)}};
}
inline Split Take(const SpSplit& split) {
  return {Text(split.id), {split.position.version, Text(split.position.bytes)}};
}
inline SpDirtyRecord Pass(const DirtyRecord& record) {
  return {Slice(record.where), Slice(record.reason), Slice(record.bytes)};
}
inline DirtyRecord Take(const SpDirtyRecord& record) {
  return {Text(record.where), Text(record.reason), Text(record.bytes)};
}
inline SpCommittable Pass(const Committable& one) {
  return {one.subtask, one.version, one.sequence, Slice(one.bytes)};
}
inline Committable Take(const SpCommittable& one) {
  return {one.subtask, one.sequence, one.version, Text(one.bytes)};
}
inline SpWriterId Pass(const WriterId& id) {
  return {Slice(id.lineage), Slice(id.sink), id.subtask};
}
inline WriterId Take(const SpWriterId& id) { return {Text(id.lineage), Text(id.sink), id.subtask}; }
inline SpSlice Pass(const std::string& text) { return Slice(text); }
inline std::string Take(const SpSlice& slice) { return Text(slice); }

/// C structs that borrow from `values`.
template <typename Value>
auto PassAll(const Value& values) {
  std::vector<decltype(Pass(*values.begin()))> passed;
  passed.reserve(values.size());
  for (const auto& value : values) {
    passed.push_back(Pass(value));
  }
  return passed;
}

template <typename Passed>
auto TakeAll(const Passed* items, std::size_t count) {
  std::vector<decltype(Take(*items))> taken;
  taken.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    taken.push_back(Take(items[i]));
  }
  return taken;
}

/// Makes `out` own `owned`, which its release deletes.
template <typename Struct, typename Owned>
void Own(Struct* out, Owned* owned) {
  out->private_data = owned;
  out->release = [](Struct* self) {
    delete static_cast<Owned*>(self->private_data);
    self->release = nullptr;
  };
}

inline void FillText(SpText* out, std::string text) {
  auto* owned = new std::string(std::move(text));
  out->text = Slice(*owned);
  Own(out, owned);
}

/// A C struct with a release, filled by the other side.
template <typename Struct>
class Owned {
 public:
  Owned() : value_{} {}
  explicit Owned(const Struct& value) : value_(value) {}
  Owned(Owned&& other) noexcept : value_(std::exchange(other.value_, Struct{})) {}
  Owned& operator=(Owned&&) = delete;
  ~Owned() {
    if (value_.release != nullptr) {
      value_.release(&value_);
    }
  }
  Struct* get() { return &value_; }
  Struct* operator->() { return &value_; }
  const Struct* operator->() const { return &value_; }

 private:
  Struct value_;
};

/// Runs `work`, which gives a Status, for a C caller: no exception leaves it.
template <typename Work>
std::int32_t Answer(SpText* error, Work work) noexcept {
  const auto fail = [&](const base::Error& why) -> std::int32_t {
    FillText(error, base::ErrorToText(why));
    return SP_FAILED;
  };
  try {
    const base::Status done = work();
    return done.ok() ? static_cast<std::int32_t>(SP_OK) : fail(done.error());
  } catch (const std::exception& thrown) {
    return fail({base::ErrorCode::kInternal, std::string("an exception: ") + thrown.what()});
  } catch (...) {
    return fail({base::ErrorCode::kInternal, "an exception that is no std::exception"});
  }
}

/// Calls a C function whose last argument is its error.
template <typename Function, typename... Arguments>
base::Status Ask(Function function, Arguments... arguments) {
  Owned<SpText> error;
  if (function(arguments..., error.get()) == SP_OK) {
    return base::Ok();
  }
  const std::string text = Text(error->text);
  return base::ErrorFromText(text).value_or(base::Error(base::ErrorCode::kInternal, text));
}

}  // namespace streampark::connectors::abi
