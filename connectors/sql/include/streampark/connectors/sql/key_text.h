// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "streampark/connectors/batch.h"

namespace streampark::connectors::sql {

/// Whether values of the type have an order that a database's index has too, and a text that names them exactly.
bool CanBeKey(const Type& type);
/// Such a value as text, as Dialect::Literal reads it: numbers and times as value_text.h has them, bytes in hex.
std::string KeyText(const Column& column, std::int64_t row);

}  // namespace streampark::connectors::sql
