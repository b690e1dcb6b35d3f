// SPDX-License-Identifier: Apache-2.0
#include "libmariadb.h"

#include "streampark/base/system_library.h"

namespace streampark::connectors::mariadb {
namespace {

base::Result<Libmariadb> LoadAll() {
  const auto library = SP_TRY(base::SystemLibrary::Open("libmariadb.so.3", "libmariadb3"));
  Libmariadb my;
#define SP_FIND(name) SP_TRY(library.Find(#name, my.name));
  SP_LIBMARIADB_FUNCTIONS(SP_FIND)
#undef SP_FIND
  // Else the first mysql_init of several threads would.
  if (my.mysql_server_init(0, nullptr, nullptr) != 0) {
    return base::Error(base::ErrorCode::kInternal, "libmariadb.so.3 cannot be begun with");
  }
  return my;
}

}  // namespace

base::Result<const Libmariadb*> Libmariadb::Load() {
  static const base::Result<Libmariadb> kLoaded = LoadAll();
  if (!kLoaded.ok()) {
    return kLoaded.error();
  }
  return &*kLoaded;
}

}  // namespace streampark::connectors::mariadb
