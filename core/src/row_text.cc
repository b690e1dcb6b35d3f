// SPDX-License-Identifier: Apache-2.0
#include "streampark/core/row_text.h"

#include <cmath>

#include "streampark/base/base64.h"
#include "streampark/base/json.h"
#include "streampark/base/utf8.h"
#include "streampark/connectors/value_text.h"

namespace streampark::core {

void AppendJsonText(std::string_view text, std::string& out) {
  if (base::IsUtf8(text)) {
    out += json::serialize(json::value(text));
  } else {
    out += "{\"base64\":\"" + base::ToBase64(text, base::Base64::kStandard) + "\"}";
  }
}

void AppendJsonNumber(double value, std::string& out) {
  if (std::isfinite(value)) {
    out += json::serialize(json::value(value));
  } else {
    AppendJsonText(std::isnan(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity", out);
  }
}

void AppendJsonTime(std::chrono::sys_time<std::chrono::microseconds> at, std::string& out) {
  out += '"';
  connectors::AppendTimestamp(at.time_since_epoch().count(), 'T', out);
  out += "Z\"";
}

}  // namespace streampark::core
