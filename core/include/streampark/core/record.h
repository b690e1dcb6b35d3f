// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>
#include <tuple>
#include <utility>

/// Plain structs as records: the list of fields is said once, and from it come the schema, the bytes in state, the
/// columns of connectors and equality of shapes after an upgrade.
///
///   struct Flight { std::string carrier; std::int32_t delay; sp::Timestamp scheduled; };
///   SP_RECORD(Flight, carrier, delay, scheduled);       // in the namespace of Flight
///
/// A field is a bool, an integer, a float or double, std::string, sp::Bytes, sp::Timestamp, sp::Date, an enum, a
/// record, or std::optional, std::vector, std::map of those. A field that is no std::optional is never null.
namespace streampark::core {

template <typename Owner, typename Value>
struct RecordField {
  using value_type = Value;
  std::string_view name;
  Value Owner::*member;
};

template <typename Owner, typename Value>
constexpr RecordField<Owner, Value> MakeRecordField(std::string_view name, Value Owner::*member) {
  return {name, member};
}

/// A struct with SP_RECORD.
template <typename T>
concept Record = requires { StreamparkFields(static_cast<const T*>(nullptr)); };

/// The fields of T as a tuple of RecordField.
template <Record T>
constexpr auto FieldsOf() {
  return StreamparkFields(static_cast<const T*>(nullptr));
}

/// Calls `visit(field)` for each field in order.
template <Record T, typename Visitor>
constexpr void ForEachField(Visitor&& visit) {
  std::apply([&](const auto&... field) { (visit(field), ...); }, FieldsOf<T>());
}

}  // namespace streampark::core

#define SP_RECORD_PARENS ()
#define SP_RECORD_EXPAND(...) \
  SP_RECORD_EXPAND3(SP_RECORD_EXPAND3(SP_RECORD_EXPAND3(SP_RECORD_EXPAND3(__VA_ARGS__))))
#define SP_RECORD_EXPAND3(...) \
  SP_RECORD_EXPAND2(SP_RECORD_EXPAND2(SP_RECORD_EXPAND2(SP_RECORD_EXPAND2(__VA_ARGS__))))
#define SP_RECORD_EXPAND2(...) \
  SP_RECORD_EXPAND1(SP_RECORD_EXPAND1(SP_RECORD_EXPAND1(SP_RECORD_EXPAND1(__VA_ARGS__))))
#define SP_RECORD_EXPAND1(...) __VA_ARGS__
#define SP_RECORD_EACH(Type, field, ...)                    \
  ::streampark::core::MakeRecordField(#field, &Type::field) \
      __VA_OPT__(, SP_RECORD_AGAIN SP_RECORD_PARENS(Type, __VA_ARGS__))
#define SP_RECORD_AGAIN() SP_RECORD_EACH

/// See the head of this file. Up to 64 fields.
#define SP_RECORD(Type, ...)                                                     \
  [[maybe_unused]] constexpr auto StreamparkFields(const Type*) {                \
    return std::make_tuple(SP_RECORD_EXPAND(SP_RECORD_EACH(Type, __VA_ARGS__))); \
  }                                                                              \
  static_assert(::streampark::core::Record<Type>)
