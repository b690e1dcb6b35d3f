// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "streampark/base/result.h"

namespace streampark::connectors::abi {

/// What is expected of a library, for its errors.
struct LibraryKind {
  const char* name;    // `job library`
  const char* symbol;  // the function that it exports
  const char* macro;   // what makes that function in C++
};

/// Loads a library into this process, for good, and gives its function. NOT_FOUND, IO_ERROR when it cannot be loaded, INVALID_REQUEST when
/// it has no such function.
base::Result<void*> FindInLibrary(const std::filesystem::path& library, const LibraryKind& kind);

/// Where a library of ours lies that is loaded on first use: beside this program, or where an installation has libraries.
std::filesystem::path LibraryBesideProgram(std::string_view name);

}  // namespace streampark::connectors::abi
