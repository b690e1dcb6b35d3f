// SPDX-License-Identifier: Apache-2.0
#include "console.h"

#include <atomic>
#include <map>
#include <optional>

#include <unistd.h>

#include "streampark/base/files.h"
#include "streampark/base/log.h"
#include "streampark/base/process.h"
#include "streampark/console/clusters/cluster_gate.h"
#include "streampark/engines/engine_set.h"
#include "streampark/flink/flink_engine.h"
#include "streampark/http/process_routes.h"
#include "streampark/http/server.h"
#include "streampark/native/native_engine.h"

#include "accounts/accounts_slice.h"
#include "clusters/clusters_slice.h"
#include "code/code_slice.h"
#include "core.h"
#include "data_folder.h"
#include "jobs/jobs_slice.h"
#include "separate_user.h"
#include "storage_watch.h"

namespace streampark::server {
namespace {

namespace fs = std::filesystem;

constexpr base::Millis kDrainDeadline(2000);
constexpr std::size_t kProbedRoom = 256U << 10U;

void WriteProcessMetrics(http::MetricsWriter& writer, const console::EventBus& events) {
  const auto self = base::Identify(::getpid());
  writer.Family("process_resident_memory_bytes", "gauge", "Resident memory");
  writer.Sample("process_resident_memory_bytes", {},
                self ? static_cast<double>(base::ResidentBytes(*self)) : 0.0);
  writer.Family("streampark_event_streams", "gauge", "Open streams of live changes");
  writer.Sample("streampark_event_streams", {}, static_cast<double>(events.subscriptions()));
}

void WriteAgentMetrics(http::MetricsWriter& writer, const flink::FlinkEngine& engine) {
  writer.Family("streampark_agent_resident_memory_bytes", "gauge", "Resident memory of SQL agents");
  for (const flink::FlinkEngine::AgentObservation& agent : engine.Agents()) {
    writer.Sample("streampark_agent_resident_memory_bytes", {{"agent", agent.name}},
                  static_cast<double>(agent.resident_bytes));
  }
}

/// With more than the few bytes that may fit where a command's would not.
base::Status ProbeDisk(const DataFolder& data, store::Database& database) {
  const std::filesystem::path file = data.spool() / "room";
  base::Status written = base::WriteFileAtomically(file, std::string(kProbedRoom, '\0'));
  std::error_code ignored;
  std::filesystem::remove(file, ignored);
  SP_TRY(std::move(written));
  return database.Probe();
}

}  // namespace

/// Everything, in the order in which it is made; destroyed in the opposite one.
struct Console::Parts {
  explicit Parts(const ServeOptions& serve_options)
      : options(serve_options), data{serve_options.data} {}

  const ServeOptions& options;
  const DataFolder data;
  base::SystemClock clock;
  base::SecureRandom random;
  base::UlidGenerator ids{clock, random};
  const base::Timestamp started_at = clock.Now();
  const std::string boot_id = ids.Next();
  std::optional<base::FileLock> lock;
  std::unique_ptr<store::Database> database;
  console::EventBus events{boot_id};
  console::TeamBelongings belongings;
  http::MetricsRegistry metrics;
  std::optional<StorageWatch> storage;
  std::unique_ptr<AccountsSlice> accounts;
  std::optional<base::OsUser> job_user;  // absent: jobs run as we do
  std::optional<Core> core;
  std::optional<flink::FlinkEngine> flink;
  std::optional<native::NativeEngine> native;
  std::optional<engines::EngineSet> engines;
  std::optional<console::ClusterGate> gate;
  std::optional<OperationsBase> operations;
  std::unique_ptr<ClustersSlice> clusters;
  std::unique_ptr<JobsSlice> jobs;
  std::optional<CodeSlice> code;
  http::Router router;
  std::atomic<bool> ready = false;
  std::optional<http::Server> server;

  /// The engines as one, with every call to a cluster through its gate.
  engines::Engine GatedEngine() {
    const engines::Engine whole = engines->engine();
    return {whole.installations, whole.clusters, *gate, whole.planner};
  }
  base::Status Open();
  base::Status MakeSlices();
  base::Status Bind();
  base::Status Serve();
  void Stop();
};

base::Status Console::Parts::Open() {
  lock = SP_TRY(TakeDataFolder(data));
  database =
      SP_TRY(store::Database::Open(data.database(), {.backup_folder = data.backups()}, clock));
  storage.emplace([this] { return ProbeDisk(data, *database); }, events, clock);
  database->OnRefusal([this](const base::Error& error) { storage->Refused(error); });
  job_user = SP_TRY(ChooseSeparateUser(options, data, *database));
  SP_TRY(SetModes(data, job_user));
  accounts = SP_TRY(AccountsSlice::Make(*database, belongings, events, clock, random, ids));
  SP_TRY(accounts->EnsureFirstUser(data.first_password()));
  core.emplace(Core{.options = options,
                    .data = data,
                    .clock = clock,
                    .random = random,
                    .ids = ids,
                    .database = *database,
                    .events = events,
                    .directory = accounts->accounts(),
                    .settings = accounts->settings(),
                    .belongings = belongings,
                    .metrics = metrics,
                    .boot_id = boot_id});
  return base::Ok();
}

base::Status Console::Parts::MakeSlices() {
  const std::shared_ptr<const console::Settings> settings = accounts->settings().Current();
  const std::filesystem::path agent_jar = SP_TRY(ReadableAgentJar(options, data, job_user));
  flink.emplace(
      flink::FlinkEngine::Options{.agent_jar = agent_jar,
                                  .fetch_script = options.fetch_script,
                                  .log_folder = data.logs() / "agents",
                                  .java_home = options.java_home,
                                  .agent_limit = static_cast<std::size_t>(settings->agent_limit),
                                  .agent_memory_mib = settings->agent_memory_mib,
                                  .user = job_user},
      clock, random);
  native.emplace(native::NativeEngine::Options{.program = SP_TRY(ExecutableProgram(data, job_user)),
                                               .version = SP_VERSION,
                                               .work = fs::absolute(data.descriptions()),
                                               .user = job_user},
                 clock, random);
  engines.emplace(std::map<std::string, engines::Engine, std::less<>>{{"FLINK", flink->engine()},
                                                                      {"NATIVE", native->engine()}},
                  "FLINK");
  gate.emplace(engines->engine().jobs, clock);
  accounts->settings().OnChange([this](const console::Settings& changed) {
    flink->AllowAgents(static_cast<std::size_t>(changed.agent_limit), changed.agent_memory_mib);
  });
  operations.emplace(*core);
  clusters = SP_TRY(ClustersSlice::Make(*core,
                                        {.log = operations->log(),
                                         .journal = operations->journal(),
                                         .outside = operations->outside()},
                                        GatedEngine(),
                                        {.id = "native",
                                         .engine = "NATIVE",
                                         .version = SP_VERSION,
                                         .line = console::LineOfVersion(SP_VERSION),
                                         .state = console::InstallationState::kReady}));
  jobs = SP_TRY(JobsSlice::Make(*core, *operations, clusters->clusters(), clusters->installations(),
                                GatedEngine()));
  clusters->Attach(jobs->tenants(), jobs->observations());
  code.emplace(*core, jobs->desk(), clusters->clusters());
  return base::Ok();
}

base::Status Console::Parts::Bind() {
  metrics.Add([this](http::MetricsWriter& writer) { WriteProcessMetrics(writer, events); });
  metrics.Add([this](http::MetricsWriter& writer) { WriteAgentMetrics(writer, *flink); });
  metrics.Add([this](http::MetricsWriter& writer) {
    writer.Family("streampark_cluster_circuits_open", "gauge",
                  "Clusters that did not answer and are asked less");
    writer.Sample("streampark_cluster_circuits_open", {},
                  static_cast<double>(gate->OpenCircuits().size()));
  });
  metrics.Add([this](http::MetricsWriter& writer) {
    writer.Family("streampark_storage_writable", "gauge", "0 while the disk refuses writes");
    writer.Sample("streampark_storage_writable", {}, storage->trouble() ? 0.0 : 1.0);
  });
  accounts->Bind(router);
  clusters->Bind(router);
  jobs->Bind(router);
  code->Bind(router);
  http::RegisterProcessRoutes(router, {.version = SP_VERSION,
                                       .started_at = started_at,
                                       .separate_user = job_user.has_value(),
                                       .ready = [this]() -> base::Status {
                                         if (!ready) {
                                           return base::Error(
                                               base::ErrorCode::kUnavailable,
                                               "the console is starting or stopping");
                                         }
                                         return base::Ok();
                                       },
                                       .storage = [this] { return storage->trouble(); },
                                       .events = events,
                                       .directory = accounts->accounts(),
                                       .authenticator = accounts->authenticator(),
                                       .metrics = metrics});
  return router.CheckComplete();
}

base::Status Console::Parts::Serve() {
  SP_TRY(accounts->Start());
  SP_TRY(jobs->Start());
  SP_TRY(clusters->Start());
  http::ServerOptions server_options;
  server_options.listen = options.listen;
  server_options.port = options.port;
  server_options.tls_certificate = options.tls_certificate;
  server_options.tls_key = options.tls_key;
  server_options.web_root = options.web_root;
  server_options.spool_folder = data.spool();
  server.emplace(std::move(server_options), router, accounts->authenticator(), metrics, random);
  SP_TRY(server->Start());
  ready = true;
  return WritePidFile(data);
}

void Console::Parts::Stop() {
  ready = false;
  if (server) {
    server->Stop(kDrainDeadline);
  }
  if (clusters) {
    clusters->Stop();
  }
  if (jobs) {
    jobs->Stop();
  }
  if (accounts) {
    accounts->Stop();
  }
  RemovePidFile(data);
}

Console::Console(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Console::~Console() { Stop(); }

base::Result<std::unique_ptr<Console>> Console::Start(const ServeOptions& options) {
  std::unique_ptr<Console> console(new Console(std::make_unique<Parts>(options)));
  SP_TRY(console->parts_->Open());
  SP_TRY(console->parts_->MakeSlices());
  SP_TRY(console->parts_->Bind());
  SP_TRY(console->parts_->Serve());
  return console;
}

std::uint16_t Console::port() const { return parts_->server->port(); }

void Console::Stop() {
  if (parts_->server) {
    parts_->Stop();
    parts_->server.reset();
  }
}

}  // namespace streampark::server
