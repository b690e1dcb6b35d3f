// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "streampark/engines/engine.h"

namespace streampark::engines {

/// Several engines as one: a call goes to the engine that its endpoint, its installation or its plan
/// is of; specs are checked before, so that there is always one. Thread-safe; the engines outlive it.
class EngineSet {
 public:
  /// By name: FLINK, NATIVE. `installing` is the one whose versions are fetched and inspected.
  EngineSet(const std::map<std::string, Engine, std::less<>>& engines,
            const std::string& installing);
  ~EngineSet();
  EngineSet(const EngineSet&) = delete;
  EngineSet& operator=(const EngineSet&) = delete;

  /// References into this object.
  Engine engine();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
  const std::string installing_;
};

}  // namespace streampark::engines
