// SPDX-License-Identifier: Apache-2.0
#include "librdkafka.h"

#include <dlfcn.h>

namespace streampark::connectors::kafka {
namespace {

constexpr const char* kLibrary = "librdkafka.so.1";

base::Result<Librdkafka> Load() {
  void* library = ::dlopen(kLibrary, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (library == nullptr) {
    const char* why = ::dlerror();
    return base::Error(base::ErrorCode::kNotFound,
                       std::string("Kafka needs ") + kLibrary + ", which cannot be loaded")
        .WithCause(why != nullptr ? why : "")
        .WithHint("install it: Debian's package is librdkafka1");
  }
  Librdkafka functions;
  const char* missing = nullptr;
#define SP_LIBRDKAFKA_FIND(name, function)                                               \
  functions.name = reinterpret_cast<decltype(&::function)>(::dlsym(library, #function)); \
  missing = functions.name == nullptr ? #function : missing;
  SP_LIBRDKAFKA_FUNCTIONS(SP_LIBRDKAFKA_FIND)
#undef SP_LIBRDKAFKA_FIND
  if (missing != nullptr) {
    return base::Error(base::ErrorCode::kNotFound,
                       std::string(kLibrary) + " has no function " + missing)
        .WithHint("librdkafka 1.8 or newer has it");
  }
  return functions;
}

}  // namespace

base::Result<const Librdkafka*> LoadLibrdkafka() {
  static const base::Result<Librdkafka> kLoaded = Load();
  if (!kLoaded.ok()) {
    return kLoaded.error();
  }
  return &kLoaded.value();
}

}  // namespace streampark::connectors::kafka
