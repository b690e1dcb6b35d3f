// SPDX-License-Identifier: Apache-2.0
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "streampark/connectors/abi/import.h"
#include "streampark/connectors/abi/library.h"

namespace streampark::connectors {
base::Status LoadConnectors(const std::filesystem::path& library, ConnectorRegistry& registry) {
  const auto offer = reinterpret_cast<SpConnectors>(
      SP_TRY(abi::FindInLibrary(library, {.name = "connector library",
                                          .symbol = SP_CONNECTORS_SYMBOL,
                                          .macro = "SP_CONNECTOR_LIBRARY"})));
  std::vector<std::unique_ptr<Connector>> connectors;
  std::set<std::string, std::less<>> names;
  for (std::uint32_t i = 0;; ++i) {
    SpConnector connector{};
    const std::int32_t offered = offer(SP_CONNECTOR_ABI_VERSION, i, &connector);
    if (offered < 0) {
      return base::Error(base::ErrorCode::kVersionMismatch,
                         library.string() + " does not speak version " +
                             std::to_string(SP_CONNECTOR_ABI_VERSION) +
                             " of the connector contract")
          .WithHint("build it against this version of StreamPark");
    }
    if (offered == 0) {
      break;
    }
    connectors.push_back(SP_TRY(ImportConnector(connector)));
    const std::string name(connectors.back()->name());
    if (!names.insert(name).second || registry.Find(name).ok()) {
      return base::Error(base::ErrorCode::kNameTaken, library.string() + " brings a connector '" +
                                                          name + "', and there is one already");
    }
  }
  for (auto& connector : connectors) {
    registry.Add(std::move(connector));
  }
  return base::Ok();
}

}  // namespace streampark::connectors
