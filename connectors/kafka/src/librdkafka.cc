// SPDX-License-Identifier: Apache-2.0
#include "librdkafka.h"

#include "streampark/base/system_library.h"

namespace streampark::connectors::kafka {
namespace {

base::Result<Librdkafka> LoadAll() {
  const auto library = SP_TRY(base::SystemLibrary::Open("librdkafka.so.1", "librdkafka1"));
  Librdkafka functions;
#define SP_LIBRDKAFKA_FIND(name, function) SP_TRY(library.Find(#function, functions.name));
  SP_LIBRDKAFKA_FUNCTIONS(SP_LIBRDKAFKA_FIND)
#undef SP_LIBRDKAFKA_FIND
  return functions;
}

}  // namespace

base::Result<const Librdkafka*> LoadLibrdkafka() {
  static const base::Result<Librdkafka> kLoaded = LoadAll();
  if (!kLoaded.ok()) {
    return kLoaded.error();
  }
  return &kLoaded.value();
}

}  // namespace streampark::connectors::kafka
