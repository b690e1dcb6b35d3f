// SPDX-License-Identifier: Apache-2.0
// A job's configuration: the first byte says whether it is YAML, properties or HOCON. What is read can be printed and asked for.
#include "streampark/core/config.h"

#include <cstdint>
#include <string>
#include <string_view>

#include "streampark/core/flink_keys.h"
#include "streampark/core/job_options.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  const std::string_view text(reinterpret_cast<const char*>(bytes) + 1, size - 1);
  auto config = bytes[0] % 3 == 0   ? streampark::JobConfig::Parse(text, "fuzz")
                : bytes[0] % 3 == 1 ? streampark::JobConfig::ParseProperties(text, "fuzz")
                                    : streampark::JobConfig::ParseHocon(text, "fuzz");
  if (config.ok() && streampark::core::ReadFlinkKeys(*config).ok()) {
    static_cast<void>(config->Print());
    for (const auto& [key, value] : config->values()) {
      static_cast<void>(config->Get(key));
    }
    static_cast<void>(streampark::core::NativeOptionsFrom(*config, "fuzz"));
  }
  return 0;
}
