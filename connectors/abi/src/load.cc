// SPDX-License-Identifier: Apache-2.0
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <dlfcn.h>

#include "streampark/connectors/abi/import.h"

namespace streampark::connectors {
namespace {

std::string LastError() {
  const char* text = ::dlerror();
  return text != nullptr ? text : "no reason was given";
}

}  // namespace

base::Status LoadConnectors(const std::filesystem::path& library, ConnectorRegistry& registry) {
  std::error_code unused;
  if (!std::filesystem::is_regular_file(library, unused)) {
    return base::Error(base::ErrorCode::kNotFound,
                       "there is no connector library " + library.string());
  }
  // An absolute path: a bare name would be looked for elsewhere. Never closed: its code may run until the process ends.
  void* handle =
      ::dlopen(std::filesystem::absolute(library).c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (handle == nullptr) {
    return base::Error(base::ErrorCode::kIoError, library.string() + " cannot be loaded")
        .WithCause(LastError());
  }
  const auto offer = reinterpret_cast<SpConnectors>(::dlsym(handle, SP_CONNECTORS_SYMBOL));
  if (offer == nullptr) {
    return base::Error(base::ErrorCode::kInvalidRequest,
                       library.string() + " is no connector library: it has no function '" +
                           SP_CONNECTORS_SYMBOL + "'")
        .WithHint("in C++ the macro SP_CONNECTOR_LIBRARY makes it");
  }
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
