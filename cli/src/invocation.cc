// SPDX-License-Identifier: Apache-2.0
#include "commands.h"
#include "credentials.h"

namespace streampark::cli {

base::Result<std::unique_ptr<ApiClient>> Invocation::Connect() const {
  Connection connection = SP_TRY(ResolveConnection(server, token));
  return std::make_unique<ApiClient>(std::move(connection));
}

}  // namespace streampark::cli
