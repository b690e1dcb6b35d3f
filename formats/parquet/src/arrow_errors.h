// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>

#include <arrow/result.h>
#include <arrow/status.h>

#include "streampark/base/result.h"

/// Arrow's results as ours, and back where Arrow calls us.
namespace streampark::parquet {

/// INVALID_REQUEST: a file that is damaged, or that Arrow cannot read.
base::Error BadFile(const std::string& what);

/// What was wrong with the caller's file is given back as it was; all else is of the Parquet file.
base::Error FromArrow(const arrow::Status& status);
arrow::Status ToArrow(base::Error error);

inline base::Status Done(const arrow::Status& status) {
  return status.ok() ? base::Ok() : base::Status(FromArrow(status));
}

template <typename T>
base::Result<T> Got(arrow::Result<T> result) {
  if (!result.ok()) {
    return FromArrow(result.status());
  }
  return std::move(result).ValueUnsafe();
}

}  // namespace streampark::parquet
