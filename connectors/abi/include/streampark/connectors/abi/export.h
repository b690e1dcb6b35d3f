// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "streampark/connectors/abi/connector_abi.h"
#include "streampark/connectors/connector.h"

/// The C face of connectors that are written in C++. In one source file of a library:
///
///   SP_CONNECTOR_LIBRARY(my::InfluxConnector, my::MqttConnector)
namespace streampark::connectors {

/// `out` is the caller's to release, and keeps the connector alive, as does whatever is made from it. Thread-safe.
void ExportConnector(std::shared_ptr<const Connector> connector, SpConnector* out);

/// What the library's function does.
template <typename... Connectors>
std::int32_t OfferConnectors(std::uint32_t version, std::uint32_t index, SpConnector* out) {
  using Maker = std::shared_ptr<const Connector> (*)();
  constexpr Maker kMakers[] = {
      []() -> std::shared_ptr<const Connector> { return std::make_shared<Connectors>(); }...};
  if (version != SP_CONNECTOR_ABI_VERSION) {
    return -1;
  }
  if (index >= sizeof...(Connectors)) {
    return 0;
  }
  ExportConnector(kMakers[index](), out);
  return 1;
}

}  // namespace streampark::connectors

#define SP_CONNECTOR_LIBRARY(...)                                                       \
  extern "C" __attribute__((visibility("default"))) int32_t streampark_connectors(      \
      uint32_t version, uint32_t index, struct SpConnector* out) {                      \
    return ::streampark::connectors::OfferConnectors<__VA_ARGS__>(version, index, out); \
  }
