// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "streampark/base/result.h"

namespace streampark::base {

/// A shared library of the system that this program needs only now and then, and does not link: it is loaded when somebody asks
/// for it, and stays. A value; thread-safe.
class SystemLibrary {
 public:
  /// NOT_FOUND names the library and Debian's `package` that brings it.
  static Result<SystemLibrary> Open(const std::string& soname, const std::string& package);

  /// VERSION_MISMATCH when it has no such function.
  template <typename Function>
  Status Find(const char* symbol, Function*& function) const {
    auto found = FindAddress(symbol);
    if (!found.ok()) {
      return std::move(found).error();
    }
    function = reinterpret_cast<Function*>(*found);
    return Ok();
  }

 private:
  SystemLibrary(void* handle, std::string soname) : handle_(handle), soname_(std::move(soname)) {}
  Result<void*> FindAddress(const char* symbol) const;

  void* handle_;
  std::string soname_;
};

}  // namespace streampark::base
