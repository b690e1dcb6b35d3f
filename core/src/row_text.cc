// SPDX-License-Identifier: Apache-2.0
#include "streampark/core/row_text.h"

#include "streampark/connectors/value_text.h"

#include "json_values.h"

namespace streampark::core {

void AppendJsonText(std::string_view text, std::string& out) {
  out += json::serialize(TextValue(text));
}

void AppendJsonNumber(double value, std::string& out) { out += json::serialize(FloatValue(value)); }

void AppendJsonTime(std::chrono::sys_time<std::chrono::microseconds> at, std::string& out) {
  out += '"';
  connectors::AppendTimestamp(at.time_since_epoch().count(), 'T', out);
  out += "Z\"";
}

}  // namespace streampark::core
