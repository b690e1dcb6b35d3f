// SPDX-License-Identifier: Apache-2.0
#include "streampark/runner/loaded_job.h"

#include <utility>

#include "streampark/connectors/abi/export.h"
#include "streampark/connectors/abi/host.h"
#include "streampark/connectors/abi/library.h"
#include "streampark/connectors/abi/passing.h"
#include "streampark/objects/open_folder.h"

namespace streampark::runner {

using namespace connectors::abi;

/// What the library borrows.
struct LoadedJob::Setup {
  Setup(JobConfig from, const connectors::ConnectorRegistry& connectors, const base::Clock& clock)
      : config(std::move(from)) {
    for (const auto& [key, value] : config.values()) {
      values.push_back({Slice(key), Slice(value.text), Slice(value.origin)});
    }
    for (const connectors::Connector* connector : connectors.all()) {
      // The registry's, which outlives this.
      connectors::ExportConnector(
          std::shared_ptr<const connectors::Connector>(std::shared_ptr<void>(), connector),
          &exported.emplace_back());
    }
    host = HostOf(clock);
    passed = {.values = values.data(),
              .n_values = values.size(),
              .connectors = exported.data(),
              .n_connectors = exported.size(),
              .host = &host,
              .secret = [](const SpJobSetup* self, SpSlice name, SpText* out) -> std::int32_t {
                const auto& resolver =
                    static_cast<const Setup*>(self->private_data)->config.secrets();
                auto secret = resolver ? resolver(View(name)) : std::nullopt;
                if (!secret) {
                  return 0;
                }
                FillText(out, *std::move(secret));
                return 1;
              },
              .private_data = this};
  }
  ~Setup() {
    for (SpConnector& connector : exported) {
      connector.release(&connector);
    }
  }
  Setup(const Setup&) = delete;
  Setup& operator=(const Setup&) = delete;

  const JobConfig config;
  std::vector<SpConfigValue> values;
  std::vector<SpConnector> exported;
  SpHost host{};
  SpJobSetup passed{};
};

base::Result<std::unique_ptr<LoadedJob>> LoadedJob::Load(
    const std::filesystem::path& library, JobConfig config,
    const connectors::ConnectorRegistry& connectors, const base::Clock& clock) {
  const auto offer = reinterpret_cast<SpJobFunction>(SP_TRY(
      FindInLibrary(library, {.name = "job library", .symbol = SP_JOB_SYMBOL, .macro = "SP_JOB"})));
  SpJob job{};
  if (offer(SP_JOB_ABI_VERSION, &job) != 1) {
    return base::Error(base::ErrorCode::kVersionMismatch,
                       library.string() + " does not speak version " +
                           std::to_string(SP_JOB_ABI_VERSION) + " of the contract of job libraries")
        .WithHint("build it against this version of StreamPark");
  }
  return Furnish(Owned<SpJob>(job), std::move(config), connectors, clock);
}

base::Result<std::unique_ptr<LoadedJob>> LoadedJob::Of(
    core::JobBody body, JobConfig config, const connectors::ConnectorRegistry& connectors,
    const base::Clock& clock) {
  SpJob job{};
  SP_CHECK(core::OfferJob(SP_JOB_ABI_VERSION, "job", std::move(body), &job) == 1);
  return Furnish(Owned<SpJob>(job), std::move(config), connectors, clock);
}

base::Result<std::unique_ptr<LoadedJob>> LoadedJob::Furnish(
    Owned<SpJob> owned, JobConfig config, const connectors::ConnectorRegistry& connectors,
    const base::Clock& clock) {
  if (!config.Has("native.s3.library")) {
    config.Set("native.s3.library", objects::S3Library().string(), "the program");
  }
  if (!config.Has("native.state.library")) {
    config.Set("native.state.library",
               LibraryBesideProgram("libstreampark_state_rocksdb.so").string(), "the program");
  }
  std::string name = SP_TRY(config.GetOr("app.name", owned->name));
  return std::unique_ptr<LoadedJob>(
      new LoadedJob(std::move(owned), std::make_shared<Setup>(std::move(config), connectors, clock),
                    std::move(name)));
}

LoadedJob::LoadedJob(Owned<SpJob> job, std::shared_ptr<Setup> setup, std::string name)
    : job_(std::move(job)), setup_(std::move(setup)), name_(std::move(name)) {}

LoadedJob::~LoadedJob() = default;

const JobConfig& LoadedJob::config() const { return setup_->config; }

base::Result<std::string> LoadedJob::Describe() {
  Owned<SpText> plan;
  SP_TRY(Ask(job_->describe, job_.get(), &setup_->passed, plan.get()));
  return Text(plan->text);
}

base::Result<std::unique_ptr<NativeRun>> LoadedJob::MakeNative() {
  SpNativeRun run{};
  SP_TRY(Ask(job_->make_native, job_.get(), &setup_->passed, &run));
  return std::make_unique<NativeRun>(setup_, run);
}

NativeRun::NativeRun(std::shared_ptr<const void> keeps, SpNativeRun run)
    : keeps_(std::move(keeps)), run_(run) {}

NativeRun::~NativeRun() { run_.release(&run_); }

base::Status NativeRun::Run() { return Ask(run_.run, &run_); }

void NativeRun::Cancel() { run_.cancel(&run_); }

base::Result<std::string> NativeRun::Savepoint(const objects::Location& folder) {
  Owned<SpText> path;
  SP_TRY(Ask(run_.savepoint, &run_, Slice(folder.text()), path.get()));
  return Text(path->text);
}

base::Result<std::string> NativeRun::Stop(StopMode mode, const objects::Location& folder) {
  Owned<SpText> path;
  SP_TRY(Ask(run_.stop, &run_,
             std::int32_t{mode == StopMode::kDrain ? SP_STOP_AND_DRAIN : SP_STOP_WITH_SAVEPOINT},
             Slice(folder.text()), path.get()));
  return Text(path->text);
}

base::Result<std::string> NativeRun::Rows(int node, std::uint32_t most, base::Millis patience) {
  Owned<SpText> rows;
  SP_TRY(
      Ask(run_.rows, &run_, std::int32_t{node}, most, std::int64_t{patience.count()}, rows.get()));
  return Text(rows->text);
}

std::string NativeRun::Status() {
  Owned<SpText> status;
  run_.status(&run_, status.get());
  return Text(status->text);
}

}  // namespace streampark::runner
