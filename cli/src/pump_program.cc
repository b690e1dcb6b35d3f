// SPDX-License-Identifier: Apache-2.0
#include "pump_program.h"

#include <cstdlib>

#include "streampark/pump/pump.h"

#include "job_settings.h"

namespace streampark::cli {
namespace {

std::filesystem::path StateFolder() {
  if (const char* state = std::getenv("XDG_STATE_HOME"); state != nullptr && *state == '/') {
    return std::filesystem::path(state) / "streampark";
  }
  const char* home = std::getenv("HOME");
  return home != nullptr && *home == '/' ? std::filesystem::path(home) / ".local/state/streampark"
                                         : "/var/lib/streampark";
}

}  // namespace

bool IsPumpFile(const std::filesystem::path& file) {
  return file.extension() == ".yaml" || file.extension() == ".yml";
}

base::Result<pump::PumpFile> LoadPump(const PumpInput& input) {
  auto file = SP_TRY(pump::PumpFile::Load(input.file));
  for (const std::filesystem::path& config : input.configs) {
    const JobConfig loaded = SP_TRY(JobConfig::Load(config));
    for (const auto& [key, value] : loaded.values()) {
      file.config.Set(key, value.text, value.origin);
    }
  }
  for (const std::string& setting : input.settings) {
    SP_TRY(SetByCommandLine(setting, file.config));
  }
  if (!input.secrets.empty()) {
    file.config.ResolveSecretsBy(SecretsOf(input.secrets));
  }
  if (!file.config.Has("native.checkpoint.directory")) {
    file.config.Set("native.checkpoint.directory", StateFolder().string(), "the program");
  }
  return file;
}

base::Result<std::unique_ptr<runner::LoadedJob>> MakePumpJob(
    const pump::PumpFile& file, const connectors::ConnectorRegistry& connectors,
    const base::Clock& clock) {
  return runner::LoadedJob::Of(
      [&](StreamContext& context) { pump::AddPump(context, file, connectors, clock); }, file.config,
      connectors, clock);
}

}  // namespace streampark::cli
