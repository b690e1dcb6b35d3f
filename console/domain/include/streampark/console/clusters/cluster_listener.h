// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "streampark/console/clusters/cluster.h"
#include "streampark/console/clusters/installation.h"

namespace streampark::console {

/// Hears of what people would see change, once a change, in the order of the changes of one thing.
/// Calls come from any thread and must return soon.
class ClusterListener {
 public:
  virtual ~ClusterListener() = default;
  virtual void OnClusterChanged(const Cluster& cluster) = 0;
  virtual void OnClusterRemoved(const Cluster& last) = 0;
  virtual void OnInstallationChanged(const Installation& installation) = 0;
  virtual void OnInstallationRemoved(const Installation& last) = 0;
};

}  // namespace streampark::console
