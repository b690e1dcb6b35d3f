// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "streampark/base/result.h"
#include "streampark/connectors/abi/passing.h"
#include "streampark/formats/parquet_abi.h"

namespace streampark::formats {

using ParquetLibrary = connectors::abi::Owned<SpParquet>;

/// The library that has Parquet, beside the program; it is loaded at the first call. NOT_FOUND when it is not there, IO_ERROR when it cannot be
/// loaded.
base::Result<std::shared_ptr<ParquetLibrary>> LoadParquet();

}  // namespace streampark::formats
