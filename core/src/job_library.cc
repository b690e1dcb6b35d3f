// SPDX-License-Identifier: Apache-2.0
#include "streampark/core/job_library.h"

#include <memory>
#include <stop_token>
#include <string>
#include <utility>

#include "streampark/base/random.h"
#include "streampark/connectors/abi/host.h"
#include "streampark/connectors/abi/import.h"
#include "streampark/connectors/abi/passing.h"
#include "streampark/core/job_options.h"
#include "streampark/core/native_job.h"
#include "streampark/core/status_json.h"

namespace streampark::core {
namespace {

using namespace connectors::abi;

JobConfig TakeConfig(const SpJobSetup& setup) {
  JobConfig config;
  for (std::size_t i = 0; i < setup.n_values; ++i) {
    const SpConfigValue& value = setup.values[i];
    config.Set(Text(value.key), Text(value.value), Text(value.origin));
  }
  if (setup.secret != nullptr) {
    config.ResolveSecretsBy([&setup](std::string_view name) -> std::optional<std::string> {
      Owned<SpText> secret;
      return setup.secret(&setup, Slice(name), secret.get()) == 1
                 ? std::optional(Text(secret->text))
                 : std::nullopt;
    });
  }
  return config;
}

/// What a body has made, and all that its plan needs while it runs.
class MadeJob {
 public:
  static base::Result<std::unique_ptr<MadeJob>> Make(const char* name, const JobBody& body,
                                                     const SpJobSetup& setup) {
    auto made = std::unique_ptr<MadeJob>(new MadeJob(setup));
    for (std::size_t i = 0; i < setup.n_connectors; ++i) {
      SpConnector lent = setup.connectors[i];
      lent.release = [](SpConnector* self) { self->release = nullptr; };
      made->connectors_.Add(SP_TRY(connectors::ImportConnector(lent)));
    }
    JobConfig config = TakeConfig(setup);
    const std::string called = SP_TRY(config.GetOr("app.name", name));
    auto dirty = SP_TRY(DirtyRecordsFrom(config));
    made->context_ =
        std::make_unique<StreamContext>(StreamContext::Setup{.name = called,
                                                             .config = std::move(config),
                                                             .connectors = &made->connectors_,
                                                             .clock = &made->clock_,
                                                             .dirty = std::move(dirty)});
    try {
      body(*made->context_);
    } catch (const InvalidJob& invalid) {
      return invalid.error();
    }
    return made;
  }

  const StreamContext& context() const { return *context_; }
  const base::Clock& clock() const { return clock_; }

 private:
  explicit MadeJob(const SpJobSetup& setup) : clock_(*setup.host) {}

  const HostClock clock_;
  connectors::ConnectorRegistry connectors_;
  std::unique_ptr<StreamContext> context_;
};

struct RunningJob {
  std::unique_ptr<MadeJob> made;
  base::SecureRandom random;
  std::unique_ptr<NativeJob> job;
  std::stop_source stop;
};

RunningJob& RunOf(SpNativeRun* self) { return *static_cast<RunningJob*>(self->private_data); }

base::Status MakeNative(const char* name, const JobBody& body, const SpJobSetup& setup,
                        SpNativeRun* out) {
  auto running = std::make_unique<RunningJob>();
  running->made = SP_TRY(MadeJob::Make(name, body, setup));
  const StreamContext& context = running->made->context();
  running->job = SP_TRY(NativeJob::Make(
      context.plan(), SP_TRY(NativeOptionsFrom(context.config(), context.plan().name)),
      running->made->clock(), running->random));
  out->run = [](SpNativeRun* self, SpText* error) {
    return Answer(error, [&] { return RunOf(self).job->Run(RunOf(self).stop.get_token()); });
  };
  out->cancel = [](SpNativeRun* self) { RunOf(self).stop.request_stop(); };
  out->savepoint = [](SpNativeRun* self, SpSlice folder, SpText* path, SpText* error) {
    return Answer(error, [&]() -> base::Status {
      FillText(path, SP_TRY(RunOf(self).job->Savepoint(Text(folder))));
      return base::Ok();
    });
  };
  out->stop = [](SpNativeRun* self, std::int32_t mode, SpSlice folder, SpText* path,
                 SpText* error) {
    return Answer(error, [&]() -> base::Status {
      using StopMode = NativeJob::StopMode;
      FillText(path, SP_TRY(RunOf(self).job->Stop(
                         mode == SP_STOP_AND_DRAIN ? StopMode::kDrain : StopMode::kSavepoint,
                         Text(folder))));
      return base::Ok();
    });
  };
  out->rows = [](SpNativeRun* self, std::int32_t node, std::uint32_t most, std::int64_t patience_ms,
                 SpText* rows, SpText* error) {
    return Answer(error, [&]() -> base::Status {
      std::string all = "[";
      for (const auto& row : SP_TRY(RunOf(self).job->Rows(node, most, base::Millis(patience_ms)))) {
        all += (all.size() > 1 ? ",\n" : "") + row;
      }
      FillText(rows, all + "]");
      return base::Ok();
    });
  };
  out->status = [](SpNativeRun* self, SpText* status) {
    FillText(status, ToJson(RunOf(self).job->status()));
  };
  Own(out, running.release());
  return base::Ok();
}

struct Offered {
  const char* name;
  JobBody body;
};

const Offered& OfferedBy(SpJob* self) { return *static_cast<const Offered*>(self->private_data); }

}  // namespace

std::int32_t OfferJob(std::uint32_t version, const char* name, JobBody body, SpJob* out) {
  if (version != SP_JOB_ABI_VERSION) {
    return -1;
  }
  out->name = name;
  out->describe = [](SpJob* self, const SpJobSetup* setup, SpText* plan, SpText* error) {
    return Answer(error, [&]() -> base::Status {
      const auto made = SP_TRY(MadeJob::Make(OfferedBy(self).name, OfferedBy(self).body, *setup));
      SP_TRY(made->context().plan().Check());
      FillText(plan, made->context().plan().ToJson());
      return base::Ok();
    });
  };
  out->make_native = [](SpJob* self, const SpJobSetup* setup, SpNativeRun* run, SpText* error) {
    return Answer(
        error, [&] { return MakeNative(OfferedBy(self).name, OfferedBy(self).body, *setup, run); });
  };
  Own(out, new Offered{name, std::move(body)});
  return 1;
}

}  // namespace streampark::core
