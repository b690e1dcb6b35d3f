// SPDX-License-Identifier: Apache-2.0
#include "streampark/base/system_library.h"

#include <dlfcn.h>

namespace streampark::base {
namespace {

std::string WhyNotLoaded() {
  const char* text = ::dlerror();
  return text != nullptr ? text : "no reason was given";
}

}  // namespace

Result<SystemLibrary> SystemLibrary::Open(const std::string& soname, const std::string& package) {
  void* handle = ::dlopen(soname.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (handle == nullptr) {
    return Error(ErrorCode::kNotFound, "this machine has no " + soname)
        .WithCause(WhyNotLoaded())
        .WithHint("install it: apt-get install " + package);
  }
  return SystemLibrary(handle, soname);
}

Result<void*> SystemLibrary::FindAddress(const char* symbol) const {
  void* found = ::dlsym(handle_, symbol);
  if (found == nullptr) {
    return Error(ErrorCode::kVersionMismatch,
                 soname_ + " has no function '" + std::string(symbol) + "'")
        .WithHint("it is older than what this program was built for: update it");
  }
  return found;
}

}  // namespace streampark::base
