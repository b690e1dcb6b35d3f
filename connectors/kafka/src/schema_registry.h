// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "streampark/base/http_client.h"
#include "streampark/base/result.h"

namespace streampark::connectors::kafka {

/// Schemas by their ids, from a server that speaks Schema Registry's API. Each is asked for once. Not thread-safe.
class SchemaRegistry {
 public:
  struct Place {
    std::string url;
    std::string user;  // empty: nobody
    std::string password;
    std::string ca_file;
  };

  explicit SchemaRegistry(Place place);

  /// As JSON. An error that may pass is kept as well: see TakeFailure.
  base::Result<std::string> SchemaOf(std::uint32_t id);
  /// The id of a schema, which is registered when it is new. `subject` is what its versions go by: `TOPIC-value`.
  base::Result<std::uint32_t> Register(const std::string& subject, const std::string& schema);

  /// Why the newest SchemaOf could not be answered, when another try may be: a record is not to be blamed for it.
  std::optional<base::Error> TakeFailure() { return std::exchange(failure_, std::nullopt); }

 private:
  base::Result<std::string> Ask(base::HttpRequest request);

  const Place place_;
  base::HttpClient http_;
  std::map<std::uint32_t, std::string> schemas_;
  std::optional<base::Error> failure_;
};

}  // namespace streampark::connectors::kafka
