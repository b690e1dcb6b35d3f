// SPDX-License-Identifier: Apache-2.0
#include "streampark/connectors/abi/library.h"

#include <dlfcn.h>

namespace streampark::connectors::abi {
namespace {

std::string LastError() {
  const char* text = ::dlerror();
  return text != nullptr ? text : "no reason was given";
}

}  // namespace

base::Result<void*> FindInLibrary(const std::filesystem::path& library, const LibraryKind& kind) {
  std::error_code unused;
  if (!std::filesystem::is_regular_file(library, unused)) {
    return base::Error(base::ErrorCode::kNotFound,
                       std::string("there is no ") + kind.name + " " + library.string());
  }
  // An absolute path: a bare name would be looked for elsewhere. It stays: its code may run until the process ends.
  void* handle =
      ::dlopen(std::filesystem::absolute(library).c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (handle == nullptr) {
    return base::Error(base::ErrorCode::kIoError, library.string() + " cannot be loaded")
        .WithCause(LastError());
  }
  void* function = ::dlsym(handle, kind.symbol);
  if (function == nullptr) {
    return base::Error(base::ErrorCode::kInvalidRequest, library.string() + " is no " + kind.name +
                                                             ": it has no function '" +
                                                             kind.symbol + "'")
        .WithHint(std::string("in C++ the macro ") + kind.macro + " makes it");
  }
  return function;
}

std::filesystem::path LibraryBesideProgram(std::string_view name) {
  std::error_code unused;
  const auto folder = std::filesystem::read_symlink("/proc/self/exe", unused).parent_path();
  const auto installed = folder.parent_path() / "lib" / name;
  return std::filesystem::exists(installed, unused) ? installed : folder / name;
}

}  // namespace streampark::connectors::abi
