// SPDX-License-Identifier: Apache-2.0
#include "streampark/connectors/connector.h"

#include "streampark/base/check.h"
#include "streampark/base/spelling.h"

namespace streampark::connectors {

const base::Clock& Setup::time() const {
  static const base::SystemClock kSystem;
  return clock != nullptr ? *clock : kSystem;
}

base::Result<std::unique_ptr<Catalog>> Connector::MakeCatalog(const Setup& /*setup*/) const {
  return base::Error(base::ErrorCode::kIllegalState,
                     "the connector '" + std::string(name()) + "' has no catalog of tables");
}

base::Result<std::unique_ptr<SplitLedger>> Sink::MakeSplitLedger(const SplitOwner& owner) {
  return base::Error(base::ErrorCode::kIllegalState,
                     "the sink '" + owner.sink + "' does not keep how far its splits have come");
}

base::Result<std::unique_ptr<SplitWriter>> Sink::MakeSplitWriter(const SplitOwner& owner) {
  return base::Error(base::ErrorCode::kIllegalState,
                     "the sink '" + owner.sink + "' does not keep how far its splits have come");
}

void ConnectorRegistry::Add(std::unique_ptr<Connector> connector) {
  std::string name(connector->name());
  const bool added = connectors_.emplace(std::move(name), std::move(connector)).second;
  SP_CHECK(added);
}

base::Result<const Connector*> ConnectorRegistry::Find(std::string_view name) const {
  const auto found = connectors_.find(name);
  if (found != connectors_.end()) {
    return found->second.get();
  }
  std::vector<std::string> names;
  std::string listed;
  for (const auto& [known, connector] : connectors_) {
    names.push_back(known);
    listed.append(listed.empty() ? "" : ", ").append(known);
  }
  std::string hint = listed.empty() ? "this program has none" : "there are: " + listed;
  if (const auto near = base::ClosestMatch(name, names)) {
    hint = "did you mean '" + *near + "'? " + hint;
  }
  return base::Error(base::ErrorCode::kNotFound,
                     "there is no connector '" + std::string(name) + "'")
      .WithHint(std::move(hint));
}

std::vector<const Connector*> ConnectorRegistry::all() const {
  std::vector<const Connector*> all;
  for (const auto& [name, connector] : connectors_) {
    all.push_back(connector.get());
  }
  return all;
}

}  // namespace streampark::connectors
