// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "streampark/connectors/type.h"

/// Why a value of the server's is none of the type that it is read as: the same words for values in binary and in text.
namespace streampark::connectors::postgres {

inline std::string IsInfinite(std::string_view sign) {
  return "it is " + std::string(sign) + "infinity, which is no time; ask for it as STRING";
}
inline std::string IsTooFar() { return "it is too far in the future"; }
inline std::string IsEndOfDay() {
  return "it is 24:00:00, which is no time of a day; ask for it as STRING";
}
inline std::string HasDimensions(int dimensions) {
  return "it is an array of " + std::to_string(dimensions) +
         " dimensions, and ARRAY has one; ask for it as STRING";
}
inline std::string IsNoDecimal(std::string_view number, const Type& type) {
  return std::string(number) + " is no " + type.ToString();
}
inline std::string IsNoUtf8() {
  return "it is no UTF-8";
}  // a database in SQL_ASCII takes anything
inline std::string IsDamaged(std::string_view bytes) {
  return "the server sent " + std::to_string(bytes.size()) + " bytes that are no such value";
}

}  // namespace streampark::connectors::postgres
