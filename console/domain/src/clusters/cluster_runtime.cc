// SPDX-License-Identifier: Apache-2.0
#include "clusters/cluster_runtime.h"

namespace streampark::console {

base::Status ClusterRuntime::Write(std::string_view cluster_id,
                                   const std::function<void(ClusterRecord&)>& change) const {
  auto record = registry.Record(cluster_id);
  if (!record) {
    return base::Error(base::ErrorCode::kNotFound, "there is no such cluster");
  }
  change(*record);
  SP_TRY(store.UpdateRuntime(*record));
  registry.Apply(cluster_id, [&](ClusterEntry& entry) { change(entry.record); });
  return base::Ok();
}

}  // namespace streampark::console
