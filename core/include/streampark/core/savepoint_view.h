// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "streampark/base/clock.h"
#include "streampark/base/result.h"
#include "streampark/objects/location.h"
#include "streampark/objects/open_folder.h"

/// A look into a checkpoint or savepoint, without the job that wrote it: state describes itself (shape.h).
namespace streampark::core {

struct SavepointView {
  struct KeyedState {
    std::string name;
    std::string key, value;  // their shapes: `{carrier: text, delay: int32}`
    std::int64_t entries = 0;
    std::int64_t bytes = 0;
    /// In the files of a checkpoint's backend: its entries are not counted, and cannot be visited.
    bool on_disk = false;
  };
  /// Elements that are opaque but to their operator: splits, what a sink's writer keeps.
  struct ListState {
    std::string name;
    std::int64_t elements = 0;
    std::int64_t bytes = 0;
  };
  struct Operator {
    std::string name;
    int parallelism = 0;
    std::vector<KeyedState> keyed;  // by name
    std::vector<ListState> lists;
    int splits_waiting = 0;  // found by the source, and given to no subtask yet
    int prepared = 0;        // what its sink is still to commit
  };

  std::string job;
  std::string lineage;
  std::uint64_t id = 0;
  base::Timestamp at;
  bool savepoint = false;
  int key_groups = 0;
  std::vector<Operator> operators;  // by name
  std::int64_t backend_bytes = 0;   // of all files of a backend
};

/// Of the folder `chk-N`, of this machine or of a bucket. SNAPSHOT_INVALID when it is none, or damaged.
base::Result<SavepointView> LookInto(const objects::Location& folder,
                                     const objects::S3Options& options = {});

/// Calls `visit` with each entry of a keyed state as a JSON object, {"key": …, "value": …}, until it gives false; by key group and then by
/// the bytes of the key. A text that is no UTF-8 is {"base64": "…"}; a map whose keys are no texts is a list of pairs. NOT_FOUND names the
/// operators, or the states, that there are.
base::Status VisitEntries(const objects::Location& folder, std::string_view operator_name,
                          std::string_view state,
                          const std::function<bool(const std::string& entry)>& visit,
                          const objects::S3Options& options = {});

}  // namespace streampark::core
