// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include "streampark/base/result.h"

namespace streampark::flink {

/// The value of a main attribute (`Implementation-Version`) in a jar's manifest; empty when the
/// manifest has none. INSTALLATION_INVALID when the file is no jar.
base::Result<std::string> ManifestAttribute(const std::filesystem::path& jar,
                                            std::string_view attribute);

}  // namespace streampark::flink
