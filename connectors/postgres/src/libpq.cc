// SPDX-License-Identifier: Apache-2.0
#include "libpq.h"

#include "streampark/base/system_library.h"

namespace streampark::connectors::postgres {
namespace {

base::Result<Libpq> LoadAll() {
  const auto library = SP_TRY(base::SystemLibrary::Open("libpq.so.5", "libpq5"));
  Libpq pq;
#define SP_FIND(name) SP_TRY(library.Find(#name, pq.name));
  SP_LIBPQ_FUNCTIONS(SP_FIND)
#undef SP_FIND
  return pq;
}

}  // namespace

base::Result<const Libpq*> Libpq::Load() {
  static const base::Result<Libpq> kLoaded = LoadAll();
  if (!kLoaded.ok()) {
    return kLoaded.error();
  }
  return &*kLoaded;
}

}  // namespace streampark::connectors::postgres
