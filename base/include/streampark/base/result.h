// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

#include "streampark/base/check.h"
#include "streampark/base/error.h"

namespace streampark::base {

/// A value or an Error. `Result<void>` is spelled `Status`. Asking for the side that is not there
/// aborts.
template <typename T>
class [[nodiscard]] Result {
 public:
  using value_type = T;

  // Implicit on purpose: `return value;` and `return Error(…);` are how results are made. Whatever
  // converts to T does: `return std::nullopt;`, `return "text";`.
  template <typename U = T>
    requires(std::is_convertible_v<U &&, T> && !std::is_same_v<std::remove_cvref_t<U>, Result> &&
             !std::is_same_v<std::remove_cvref_t<U>, Error>)
  Result(U&& value)  // NOLINT(google-explicit-constructor)
      : state_(std::in_place_index<0>, std::forward<U>(value)) {}
  Result(Error error)
      : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT(google-explicit-constructor)

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& value() & {
    SP_CHECK(ok());
    return std::get<0>(state_);
  }
  const T& value() const& {
    SP_CHECK(ok());
    return std::get<0>(state_);
  }
  T&& value() && {
    SP_CHECK(ok());
    return std::get<0>(std::move(state_));
  }
  T value_or(T fallback) && { return ok() ? std::get<0>(std::move(state_)) : std::move(fallback); }

  const Error& error() const& {
    SP_CHECK(!ok());
    return std::get<1>(state_);
  }
  Error&& error() && {
    SP_CHECK(!ok());
    return std::get<1>(std::move(state_));
  }

  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;

  Result() = default;
  Result(Error error) : error_(std::move(error)) {}  // NOLINT(google-explicit-constructor)

  bool ok() const { return !error_.has_value(); }
  explicit operator bool() const { return ok(); }
  void value() const { SP_CHECK(ok()); }

  const Error& error() const& {
    SP_CHECK(!ok());
    return *error_;
  }
  Error&& error() && {
    SP_CHECK(!ok());
    return *std::move(error_);
  }

 private:
  std::optional<Error> error_;
};

using Status = Result<void>;

inline Status Ok() { return {}; }

}  // namespace streampark::base

#define SP_TRY_NAMED(result, ...)       \
  __extension__({                       \
    auto&& result = (__VA_ARGS__);      \
    if (!result.ok()) {                 \
      return std::move(result).error(); \
    }                                   \
    std::move(result).value();          \
  })
#define SP_TRY_JOIN(a, b) a##b
#define SP_TRY_COUNTED(counter, ...) SP_TRY_NAMED(SP_TRY_JOIN(sp_try_result_, counter), __VA_ARGS__)

/// Evaluates to the value of a Result, or returns its error from the enclosing function.
/// Not for coroutines, and not within a braced list behind other members: when it returns there, g++ 12 leaks those.
#define SP_TRY(...) SP_TRY_COUNTED(__COUNTER__, __VA_ARGS__)
