// SPDX-License-Identifier: Apache-2.0
#include "job_settings.h"

#include <optional>
#include <utility>

#include "streampark/base/files.h"

namespace streampark::cli {

SecretResolver SecretsOf(std::filesystem::path folder) {
  constexpr std::size_t kLongestSecret = std::size_t{64} << 10U;
  return [folder = std::move(folder)](std::string_view name) -> std::optional<std::string> {
    const auto file = base::ConfinedPath(folder, name);
    auto secret =
        file.ok() ? base::ReadFile(*file, kLongestSecret) : base::Result<std::string>(file.error());
    if (!secret.ok()) {
      return std::nullopt;
    }
    while (secret->ends_with('\n') || secret->ends_with('\r')) {
      secret->pop_back();
    }
    return *std::move(secret);
  };
}

base::Status SetByCommandLine(const std::string& setting, JobConfig& config) {
  const auto equals = setting.find('=');
  if (equals == 0 || equals == std::string::npos) {
    return base::Error(base::ErrorCode::kInvalidRequest, "`" + setting + "` is no setting")
        .WithHint("write --set key=value");
  }
  config.Set(setting.substr(0, equals), setting.substr(equals + 1), "command line");
  return base::Ok();
}

}  // namespace streampark::cli
