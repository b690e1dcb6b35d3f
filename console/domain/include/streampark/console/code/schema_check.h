// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <boost/json/fwd.hpp>

#include "streampark/base/error.h"

namespace streampark::console {

/// Checks `document` against `schema`, reporting everything that is wrong at once, with suggestions
/// for misspelt keys and words. Understands the part of JSON Schema 2020-12 that
/// api/job.schema.json uses: type, const, enum, properties, required, additionalProperties, items,
/// minItems/maxItems, minimum/maximum, minLength/maxLength, pattern and local $ref. A schema that
/// uses more is a defect of ours and aborts. An empty result means valid. Pointers address the
/// document.
std::vector<base::FieldError> CheckAgainstSchema(const boost::json::value& document,
                                                 const boost::json::value& schema);

}  // namespace streampark::console
