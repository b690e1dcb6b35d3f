// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>

#include "streampark/base/result.h"
#include "streampark/server/serve.h"

namespace streampark::server {

/// A whole console in one object: opens the data folder, wires the slices, serves. Tests run it in
/// their own process.
class Console {
 public:
  /// Takes the data folder (DATA_FOLDER_IN_USE when another console has it), opens the database and
  /// serves. `options` must outlive the console.
  static base::Result<std::unique_ptr<Console>> Start(const ServeOptions& options);
  /// Stops what still runs.
  ~Console();
  Console(const Console&) = delete;
  Console& operator=(const Console&) = delete;

  std::uint16_t port() const;
  /// Within five seconds: lets requests in flight end, then everything else. Clusters and jobs go
  /// on.
  void Stop();

 private:
  struct Parts;
  explicit Console(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace streampark::server
