// SPDX-License-Identifier: Apache-2.0
#include "parquet_library.h"

#include "streampark/connectors/abi/library.h"

namespace streampark::formats {
namespace {

using namespace connectors::abi;

constexpr const char* kName = "libstreampark_parquet.so";

}  // namespace

base::Result<std::shared_ptr<ParquetLibrary>> LoadParquet() {
  const auto path = LibraryBesideProgram(kName);
  auto found = FindInLibrary(
      path, {.name = "Parquet library", .symbol = SP_PARQUET_SYMBOL, .macro = SP_PARQUET_SYMBOL});
  if (!found.ok()) {
    return std::move(found).error().WithHint(
        std::string("put ") + kName +
        " there, with libarrow and libparquet beside it, as `./sp build` and `./sp sdk` do");
  }
  SpParquet made{};
  if (reinterpret_cast<SpParquetFunction>(*found)(SP_PARQUET_ABI_VERSION, &made) != SP_OK) {
    return base::Error(base::ErrorCode::kVersionMismatch,
                       path.string() + " does not speak version " +
                           std::to_string(SP_PARQUET_ABI_VERSION) +
                           " of the contract of Parquet libraries")
        .WithHint("use the library of this StreamPark");
  }
  return std::make_shared<ParquetLibrary>(made);
}

}  // namespace streampark::formats
