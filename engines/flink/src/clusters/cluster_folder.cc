// SPDX-License-Identifier: Apache-2.0
#include "clusters/cluster_folder.h"

#include "streampark/base/files.h"

namespace streampark::flink {

base::Status ClusterFolder::Create() const {
  for (const auto& folder : {conf(), logs(), uploads(), temporary()}) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) {
      return base::FileError(error.value(), "cannot create", folder);
    }
  }
  return base::Ok();
}

std::string ProcessName(engines::ProcessRole role, int index) {
  return role == engines::ProcessRole::kJobManager ? "jobmanager"
                                                   : "taskmanager-" + std::to_string(index);
}

}  // namespace streampark::flink
