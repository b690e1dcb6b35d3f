// SPDX-License-Identifier: Apache-2.0
#include "json_values.h"

#include <cmath>

#include "streampark/base/base64.h"
#include "streampark/base/utf8.h"

namespace streampark::core {

json::value TextValue(std::string_view text) {
  if (base::IsUtf8(text)) {
    return boost::json::string(text);
  }
  return json::object{{"base64", base::ToBase64(text, base::Base64::kStandard)}};
}

json::value FloatValue(double value) {
  if (std::isfinite(value)) {
    return value;
  }
  return boost::json::string(std::isnan(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity");
}

}  // namespace streampark::core
