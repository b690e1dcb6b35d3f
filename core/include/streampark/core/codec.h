// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "streampark/core/bytes.h"
#include "streampark/core/key_hash.h"
#include "streampark/core/record.h"
#include "streampark/core/shape.h"

namespace streampark::core {

/// Values to bytes and back, for state, keys and savepoints; the layout is shape.h's table. Specialise it to give a type of
/// one's own a form:
///
///   static Shape Describe();
///   static void Write(ByteWriter&, const T&);
///   static void Read(ByteReader&, T&);                       // what Write wrote
///   static void ReadAs(const Shape&, ByteReader&, T&);       // what an older shape's Write wrote (CheckEvolution passed)
///
/// A reader that fails leaves any value; the caller asks in.failed().
template <typename T>
struct Codec {
  static_assert(Record<T>,
                "this type cannot be kept in state: give the struct SP_RECORD(Type, fields…) or "
                "specialise streampark::core::Codec");

  static Shape Describe() {
    Shape shape{.kind = Shape::Kind::kRecord};
    ForEachField<T>([&](const auto& field) {
      using Value = typename std::remove_cvref_t<decltype(field)>::value_type;
      auto child = Codec<Value>::Describe();
      child.name = field.name;
      shape.children.push_back(std::move(child));
    });
    return shape;
  }
  static void Write(ByteWriter& out, const T& value) {
    ForEachField<T>([&](const auto& field) {
      using Value = typename std::remove_cvref_t<decltype(field)>::value_type;
      Codec<Value>::Write(out, value.*field.member);
    });
  }
  static void Read(ByteReader& in, T& value) {
    ForEachField<T>([&](const auto& field) {
      using Value = typename std::remove_cvref_t<decltype(field)>::value_type;
      Codec<Value>::Read(in, value.*field.member);
    });
  }
  static void ReadAs(const Shape& from, ByteReader& in, T& value) {
    value = T{};
    for (const auto& child : from.children) {
      bool found = false;
      ForEachField<T>([&](const auto& field) {
        using Value = typename std::remove_cvref_t<decltype(field)>::value_type;
        if (field.name == child.name) {
          found = true;
          Codec<Value>::ReadAs(child, in, value.*field.member);
        }
      });
      if (!found) {
        Skip(child, in);
      }
    }
  }
};

/// What is of fixed width: numbers, and what is written as one (bool, enums, instants, dates, durations).
template <typename T>
  requires std::is_arithmetic_v<T>
struct Codec<T> {
  static Shape Describe() {
    const auto kind = std::same_as<T, bool>     ? Shape::Kind::kBool
                      : std::floating_point<T>  ? Shape::Kind::kFloat
                      : std::signed_integral<T> ? Shape::Kind::kInt
                                                : Shape::Kind::kUnsigned;
    return {.kind = kind, .width = sizeof(T)};
  }
  static void Write(ByteWriter& out, T value) { out.Fixed(value); }
  static void Read(ByteReader& in, T& value) { value = in.Fixed<T>(); }
  static void ReadAs(const Shape& from, ByteReader& in, T& value) {
    if constexpr (std::floating_point<T>) {
      if (from.kind == Shape::Kind::kFloat) {
        value = from.width == 4 ? static_cast<T>(in.Fixed<float>())
                                : static_cast<T>(in.Fixed<double>());
        return;
      }
    }
    if (from.kind == Shape::Kind::kUnsigned || from.kind == Shape::Kind::kBool) {
      value = static_cast<T>(from.width == 1   ? in.Fixed<std::uint8_t>()
                             : from.width == 2 ? in.Fixed<std::uint16_t>()
                             : from.width == 4 ? in.Fixed<std::uint32_t>()
                                               : in.Fixed<std::uint64_t>());
    } else {
      value = static_cast<T>(from.width == 1   ? in.Fixed<std::int8_t>()
                             : from.width == 2 ? in.Fixed<std::int16_t>()
                             : from.width == 4 ? in.Fixed<std::int32_t>()
                                               : in.Fixed<std::int64_t>());
    }
  }
};

template <typename T>
  requires std::is_enum_v<T>
struct Codec<T> {
  using Number = std::underlying_type_t<T>;
  static Shape Describe() { return Codec<Number>::Describe(); }
  static void Write(ByteWriter& out, T value) { out.Fixed(static_cast<Number>(value)); }
  static void Read(ByteReader& in, T& value) { value = static_cast<T>(in.Fixed<Number>()); }
  static void ReadAs(const Shape& from, ByteReader& in, T& value) {
    Number number{};
    Codec<Number>::ReadAs(from, in, number);
    value = static_cast<T>(number);
  }
};

template <typename C, typename D>
struct Codec<std::chrono::time_point<C, D>> {
  using T = std::chrono::time_point<C, D>;
  static Shape Describe() { return {.kind = Shape::Kind::kInt, .width = 8}; }
  static void Write(ByteWriter& out, T value) {
    out.Fixed(static_cast<std::int64_t>(value.time_since_epoch().count()));
  }
  static void Read(ByteReader& in, T& value) {
    value = T(D(static_cast<typename D::rep>(in.Fixed<std::int64_t>())));
  }
  static void ReadAs(const Shape& from, ByteReader& in, T& value) {
    std::int64_t number = 0;
    Codec<std::int64_t>::ReadAs(from, in, number);
    value = T(D(static_cast<typename D::rep>(number)));
  }
};

template <typename R, typename P>
struct Codec<std::chrono::duration<R, P>> {
  using T = std::chrono::duration<R, P>;
  static Shape Describe() { return {.kind = Shape::Kind::kInt, .width = 8}; }
  static void Write(ByteWriter& out, T value) {
    out.Fixed(static_cast<std::int64_t>(value.count()));
  }
  static void Read(ByteReader& in, T& value) {
    value = T(static_cast<R>(in.Fixed<std::int64_t>()));
  }
  static void ReadAs(const Shape& from, ByteReader& in, T& value) {
    std::int64_t number = 0;
    Codec<std::int64_t>::ReadAs(from, in, number);
    value = T(static_cast<R>(number));
  }
};

template <>
struct Codec<std::string> {
  static Shape Describe() { return {.kind = Shape::Kind::kText}; }
  static void Write(ByteWriter& out, std::string_view value) { out.Text(value); }
  static void Read(ByteReader& in, std::string& value) { value = in.Text(); }
  static void ReadAs(const Shape&, ByteReader& in, std::string& value) { value = in.Text(); }
};

template <typename V>
struct Codec<std::optional<V>> {
  static Shape Describe() {
    return {.kind = Shape::Kind::kOptional, .children = {Codec<V>::Describe()}};
  }
  static void Write(ByteWriter& out, const std::optional<V>& value) {
    out.Fixed(static_cast<std::uint8_t>(value.has_value()));
    if (value) {
      Codec<V>::Write(out, *value);
    }
  }
  static void Read(ByteReader& in, std::optional<V>& value) {
    if (in.Fixed<std::uint8_t>() == 0) {
      value.reset();
      return;
    }
    Codec<V>::Read(in, value ? *value : value.emplace());
  }
  static void ReadAs(const Shape& from, ByteReader& in, std::optional<V>& value) {
    if (from.kind != Shape::Kind::kOptional) {
      Codec<V>::ReadAs(from, in, value.emplace());
    } else if (in.Fixed<std::uint8_t>() == 0) {
      value.reset();
    } else {
      Codec<V>::ReadAs(from.children.front(), in, value.emplace());
    }
  }
};

template <typename V>
struct Codec<std::vector<V>> {
  static Shape Describe() {
    return {.kind = Shape::Kind::kList, .children = {Codec<V>::Describe()}};
  }
  static void Write(ByteWriter& out, const std::vector<V>& values) {
    out.Length(values.size());
    for (const V& value : values) {  // `const V&` also reads vector<bool>
      Codec<V>::Write(out, value);
    }
  }
  static void Read(ByteReader& in, std::vector<V>& values) {
    values.clear();
    for (auto count = in.Length(); count > 0 && !in.failed(); --count) {
      V value{};
      Codec<V>::Read(in, value);
      values.push_back(std::move(value));
    }
  }
  static void ReadAs(const Shape& from, ByteReader& in, std::vector<V>& values) {
    values.clear();
    for (auto count = in.Length(); count > 0 && !in.failed(); --count) {
      V value{};
      Codec<V>::ReadAs(from.children.front(), in, value);
      values.push_back(std::move(value));
    }
  }
};

template <typename K, typename V>
struct Codec<std::map<K, V>> {
  static Shape Describe() {
    return {.kind = Shape::Kind::kMap, .children = {Codec<K>::Describe(), Codec<V>::Describe()}};
  }
  static void Write(ByteWriter& out, const std::map<K, V>& pairs) {
    out.Length(pairs.size());
    for (const auto& [key, value] : pairs) {
      Codec<K>::Write(out, key);
      Codec<V>::Write(out, value);
    }
  }
  static void Read(ByteReader& in, std::map<K, V>& pairs) {
    pairs.clear();
    for (auto count = in.Length(); count > 0 && !in.failed(); --count) {
      K key{};
      Codec<K>::Read(in, key);
      Codec<V>::Read(in, pairs[std::move(key)]);
    }
  }
  static void ReadAs(const Shape& from, ByteReader& in, std::map<K, V>& pairs) {
    pairs.clear();
    for (auto count = in.Length(); count > 0 && !in.failed(); --count) {
      K key{};
      Codec<K>::ReadAs(from.children[0], in, key);
      Codec<V>::ReadAs(from.children[1], in, pairs[std::move(key)]);
    }
  }
};

/// Pairs and tuples are records whose fields are named by their place: 0, 1, …
template <typename T>
  requires detail::kIsTuple<T>
struct Codec<T> {
  static Shape Describe() {
    Shape shape{.kind = Shape::Kind::kRecord};
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      (shape.children.push_back(
           Named(std::to_string(I), Codec<std::tuple_element_t<I, T>>::Describe())),
       ...);
    }(std::make_index_sequence<std::tuple_size_v<T>>());
    return shape;
  }
  static void Write(ByteWriter& out, const T& value) {
    std::apply(
        [&](const auto&... field) {
          (Codec<std::remove_cvref_t<decltype(field)>>::Write(out, field), ...);
        },
        value);
  }
  static void Read(ByteReader& in, T& value) {
    std::apply(
        [&](auto&... field) {
          (Codec<std::remove_cvref_t<decltype(field)>>::Read(in, field), ...);
        },
        value);
  }
  static void ReadAs(const Shape& from, ByteReader& in, T& value) {
    std::size_t place = 0;
    std::apply(
        [&](auto&... field) {
          (Codec<std::remove_cvref_t<decltype(field)>>::ReadAs(from.children[place++], in, field),
           ...);
        },
        value);
  }

 private:
  static Shape Named(std::string name, Shape shape) {
    shape.name = std::move(name);
    return shape;
  }
};

}  // namespace streampark::core
