// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "streampark/base/result.h"
#include "streampark/connectors/batch_builder.h"

/// What the generator puts into each column: a function of the row's number, so that any row can be made by itself.
///
/// | rule (`fields.NAME.kind`) | columns                           | its options                                                  |
/// |---------------------------|-----------------------------------|--------------------------------------------------------------|
/// | `sequence`                | integers, decimals, texts, times  | `start`, `step`, `count`: value start + (n mod count) × step |
/// | `random`                  | all without parts                 | `min`, `max`; `length` of texts and bytes; `null-rate`       |
/// | `choice`                  | texts                             | `values`: one of them at random; `null-rate`                 |
///
/// A time's `start`, `min` and `max` are written as values of its type, and its `step` as a duration.
namespace streampark::connectors::generator {

/// Appends the value of row `n`.
using FieldRule = std::function<void(std::int64_t n, ColumnBuilder& column)>;

/// One a column. `given`: what stands under `fields.`. VALIDATION_FAILED names each key that is wrong.
base::Result<std::vector<FieldRule>> MakeFieldRules(const Schema& schema,
                                                    const std::map<std::string, std::string>& given,
                                                    std::uint64_t seed);

}  // namespace streampark::connectors::generator
