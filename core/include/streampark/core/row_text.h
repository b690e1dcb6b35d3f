// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include "streampark/connectors/batch.h"
#include "streampark/core/record.h"

/// Rows as JSON, for people who look into a running job. Any type has a text: what is not known to have one is `"…"`.
namespace streampark::core {

/// In quotes; what is no UTF-8 as {"base64": "…"}.
void AppendJsonText(std::string_view text, std::string& out);
/// NaN and the infinities as texts.
void AppendJsonNumber(double value, std::string& out);
void AppendJsonTime(std::chrono::sys_time<std::chrono::microseconds> at, std::string& out);

template <typename T>
void AppendRowText(const T& value, std::string& out);

namespace detail {

template <typename T>
void AppendRecordText(const T& record, std::string& out) {
  char before = '{';
  ForEachField<T>([&](const auto& field) {
    out += std::exchange(before, ',');
    AppendJsonText(field.name, out);
    out += ':';
    AppendRowText(record.*field.member, out);
  });
  out += before == '{' ? "{}" : "}";
}

template <typename R>
void AppendListText(const R& list, std::string& out) {
  out += '[';
  bool first = true;
  for (const auto& value : list) {
    out += std::exchange(first, false) ? "" : ",";
    AppendRowText(value, out);
  }
  out += ']';
}

template <typename T>
void AppendTupleText(const T& tuple, std::string& out) {
  out += '[';
  bool first = true;
  std::apply(
      [&](const auto&... value) {
        ((out += std::exchange(first, false) ? "" : ",", AppendRowText(value, out)), ...);
      },
      tuple);
  out += ']';
}

}  // namespace detail

template <typename T>
void AppendRowText(const T& value, std::string& out) {
  if constexpr (Record<T>) {
    detail::AppendRecordText(value, out);
  } else if constexpr (std::same_as<T, bool>) {
    out += value ? "true" : "false";
  } else if constexpr (std::integral<T>) {
    out += std::to_string(value);
  } else if constexpr (std::floating_point<T>) {
    AppendJsonNumber(static_cast<double>(value), out);
  } else if constexpr (std::same_as<T, connectors::RowKind>) {
    AppendJsonText(connectors::ToString(value), out);
  } else if constexpr (std::is_enum_v<T>) {
    out += std::to_string(static_cast<std::int64_t>(value));
  } else if constexpr (std::convertible_to<const T&, std::string_view>) {
    AppendJsonText(value, out);
  } else if constexpr (requires {
                         std::chrono::time_point_cast<std::chrono::microseconds>(value);
                       }) {
    AppendJsonTime(std::chrono::time_point_cast<std::chrono::microseconds>(value), out);
  } else if constexpr (requires { std::chrono::duration_cast<std::chrono::microseconds>(value); }) {
    out += std::to_string(value.count());
  } else if constexpr (requires {
                         value.has_value();
                         *value;
                       }) {
    value.has_value() ? AppendRowText(*value, out) : void(out += "null");
  } else if constexpr (requires { std::tuple_size<T>::value; }) {
    detail::AppendTupleText(value, out);
  } else if constexpr (std::ranges::input_range<const T>) {
    detail::AppendListText(value, out);
  } else {
    out += "\"…\"";
  }
}

}  // namespace streampark::core
