// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include <arrow/type.h>

namespace streampark::parquet {

using TypePtr = std::shared_ptr<arrow::DataType>;

/// A file's type without names, dictionaries and wide offsets, which say nothing of its values.
TypePtr PlainType(const arrow::DataType& type);

/// Our type for a file's, as people declare it; empty when there is none.
std::string TypeFor(const arrow::DataType& from);

}  // namespace streampark::parquet
