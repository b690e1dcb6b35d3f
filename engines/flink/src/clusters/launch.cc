// SPDX-License-Identifier: Apache-2.0
#include "clusters/launch.h"

#include <algorithm>
#include <cstdlib>

#include "streampark/base/files.h"
#include "streampark/base/json.h"
#include "streampark/engines/own_environment.h"

#include "clusters/process_marks.h"
#include "installations/flink_version.h"
#include "rest/java_trace.h"

namespace streampark::flink {
namespace {

namespace fs = std::filesystem;
using engines::ProcessRole;

constexpr base::Millis kComputeDeadline{60'000};
constexpr std::string_view kResultMark = "BASH_JAVA_UTILS_EXEC_RESULT:";

json::object ToJson(const LaunchParameters& parameters) {
  return {{"jvm", boost::json::value_from(parameters.jvm)},
          {"dynamic", boost::json::value_from(parameters.dynamic)}};
}

LaunchParameters FromJson(const json::object* in) {
  return in == nullptr ? LaunchParameters{}
                       : LaunchParameters{.jvm = json::StringsOf(*in, "jvm"),
                                          .dynamic = json::StringsOf(*in, "dynamic")};
}

fs::path MainJar(const std::vector<fs::path>& jars) { return jars.back(); }

std::string ClassPath(const std::vector<fs::path>& jars) {
  std::string path;
  for (const fs::path& jar : jars) {
    path += (path.empty() ? "" : ":") + jar.string();
  }
  // The scripts do the same: Hadoop's jars and settings come from outside.
  for (const char* name : {"HADOOP_CLASSPATH", "HADOOP_CONF_DIR", "YARN_CONF_DIR"}) {
    if (const char* more = std::getenv(name); more != nullptr && *more != '\0') {
      path += std::string(":") + more;
    }
  }
  return path;
}

bool ChoosesCollector(const std::vector<std::string>& options) {
  return std::any_of(options.begin(), options.end(), [](const std::string& option) {
    return option.starts_with("-XX:+Use") && option.ends_with("GC");
  });
}

void Append(std::vector<std::string>& to, const std::vector<std::string>& more) {
  to.insert(to.end(), more.begin(), more.end());
}

}  // namespace

base::Status WriteLaunchFile(const fs::path& file, const LaunchFile& launch) {
  const json::object content = {{"java", launch.java},
                                {"jobManager", ToJson(launch.job_manager)},
                                {"taskManager", ToJson(launch.task_manager)}};
  return base::WriteFileAtomically(file, json::serialize(content), base::FileMode::kOwnerOnly);
}

base::Result<LaunchFile> ReadLaunchFile(const fs::path& file) {
  const auto text = base::ReadFile(file, 1U << 20U);
  const auto parsed = text.ok() ? json::Parse(*text) : base::Result<json::value>(text.error());
  if (!parsed.ok() || !parsed->is_object()) {
    return base::Error(
               base::ErrorCode::kClusterStartFailed,
               "the cluster's folder is not prepared: " + file.string() + " is missing or damaged")
        .WithHint("Start the cluster as a whole");
  }
  const json::object& in = parsed->get_object();
  return LaunchFile{.java = json::StringOr(in, "java"),
                    .job_manager = FromJson(json::FindObject(in, "jobManager")),
                    .task_manager = FromJson(json::FindObject(in, "taskManager"))};
}

base::Result<std::vector<fs::path>> LibraryJars(const fs::path& home) {
  std::vector<fs::path> jars;
  std::vector<fs::path> main_jars;
  std::error_code error;
  for (fs::directory_iterator it(home / "lib", error), end; !error && it != end;
       it.increment(error)) {
    const std::string name = it->path().filename().string();
    if (name.ends_with(".jar")) {
      (name.starts_with("flink-dist") ? main_jars : jars).push_back(it->path());
    }
  }
  if (main_jars.size() != 1) {
    return base::Error(base::ErrorCode::kInstallationInvalid, (home / "lib").string() + " has " +
                                                                  std::to_string(main_jars.size()) +
                                                                  " flink-dist jars, not one");
  }
  std::sort(jars.begin(), jars.end());
  jars.push_back(main_jars.front());
  return jars;
}

base::Status CheckHomeReadableBy(const base::OsUser& user, const fs::path& home) {
  const auto jars = SP_TRY(LibraryJars(home));
  for (const fs::path& path : {home / "lib", MainJar(jars)}) {
    if (const base::Status open = base::CheckReadableBy(user, path); !open.ok()) {
      return base::Error(base::ErrorCode::kInstallationInvalid, open.error().message())
          .WithHint(
              "jobs run as that user: keep engine versions where he can read them, such as "
              "/opt or the console's data folder");
    }
  }
  return base::Ok();
}

base::Result<LaunchParameters> ComputeParameters(const JavaRuntime& java,
                                                 const engines::Installation& installation,
                                                 const fs::path& conf, ProcessRole role) {
  const auto jars = SP_TRY(LibraryJars(installation.home));
  const fs::path utilities = installation.home / "bin" / "bash-java-utils.jar";
  const base::Command command{
      .argv = {java.executable().string(), "-Xmx96m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
               "-classpath", utilities.string() + ":" + MainJar(jars).string(),
               "org.apache.flink.runtime.util.bash.BashJavaUtils",
               role == ProcessRole::kJobManager ? "GET_JM_RESOURCE_PARAMS"
                                                : "GET_TM_RESOURCE_PARAMS",
               "--configDir", conf.string()},
      .unset_environment = engines::OwnEnvironment()};
  const auto run = SP_TRY(base::RunCommand(command, kComputeDeadline));
  std::vector<std::string> results;
  std::string_view output = run.output;
  for (std::size_t at = output.find(kResultMark); at != std::string_view::npos;
       at = output.find(kResultMark, at + 1)) {
    const std::size_t start = at + kResultMark.size();
    results.emplace_back(output.substr(start, output.find('\n', start) - start));
  }
  if (run.exit_code != 0 || results.size() != 2) {
    const std::string cause = RootCause(run.errors);
    return base::Error(base::ErrorCode::kClusterOptionsInvalid,
                       "Flink refuses the cluster's options: " + cause)
        .WithCause(cause);
  }
  return LaunchParameters{.jvm = SplitArguments(results[0]), .dynamic = SplitArguments(results[1])};
}

base::Result<base::Command> LaunchCommand(const engines::ClusterPlan& plan,
                                          const LaunchFile& launch, ProcessRole role, int index) {
  const ClusterFolder folder{plan.folder};
  const fs::path& home = plan.installation.home;
  const bool is_job_manager = role == ProcessRole::kJobManager;
  const LaunchParameters& parameters = is_job_manager ? launch.job_manager : launch.task_manager;
  const std::string log = (folder.logs() / ProcessName(role, index)).string();
  const auto jars = SP_TRY(LibraryJars(home));

  base::Command command;
  command.argv = {launch.java};
  Append(command.argv, ProcessMarks(plan.cluster_id, role, index));
  Append(command.argv, parameters.jvm);
  Append(command.argv,
         {"-XX:+IgnoreUnrecognizedVMOptions", "-Djava.io.tmpdir=" + folder.temporary().string(),
          "-Dlog.file=" + log + ".log", "-Dstreampark.printed.file=" + log + ".out",
          "-Dlog4j.configurationFile=file:" + folder.log_settings().string(), "-classpath",
          ClassPath(jars),
          is_job_manager ? "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint"
                         : "org.apache.flink.runtime.taskexecutor.TaskManagerRunner",
          "--configDir", folder.conf().string()});
  Append(command.argv, parameters.dynamic);
  if (!is_job_manager) {
    // A name that lasts: when it comes back under it, the JobManager knows at once that the old one
    // is gone, long before its heartbeats would say so.
    Append(command.argv, {"-D", "taskmanager.resource-id=" + ProcessName(role, index)});
  }
  command.environment = {{"FLINK_HOME", home.string()},
                         {"FLINK_CONF_DIR", folder.conf().string()},
                         {"FLINK_BIN_DIR", (home / "bin").string()},
                         {"FLINK_LIB_DIR", (home / "lib").string()},
                         {"FLINK_OPT_DIR", (home / "opt").string()},
                         {"FLINK_PLUGINS_DIR", (home / "plugins").string()},
                         {"FLINK_LOG_DIR", folder.logs().string()}};
  command.unset_environment = engines::OwnEnvironment();
  command.working_directory = folder.root;
  return command;
}

std::vector<std::string> JavaOptionsOf(const engines::Options& configuration, ProcessRole role) {
  const bool is_job_manager = role == ProcessRole::kJobManager;
  std::vector<std::string> options;
  for (const char* key : {"env.java.opts.all", is_job_manager ? "env.java.opts.jobmanager"
                                                              : "env.java.opts.taskmanager"}) {
    if (const auto found = configuration.find(key); found != configuration.end()) {
      Append(options, SplitArguments(found->second));
    }
  }
  if (!is_job_manager && !ChoosesCollector(options)) {
    options.emplace_back("-XX:+UseG1GC");  // as Flink's scripts do
  }
  return options;
}

std::vector<std::string> SplitArguments(std::string_view text) {
  std::vector<std::string> arguments;
  std::string current;
  char quote = '\0';
  bool inside = false;
  for (const char c : text) {
    if (quote != '\0') {
      if (c == quote) {
        quote = '\0';
      } else {
        current.push_back(c);
      }
    } else if (c == '"' || c == '\'') {
      quote = c;
      inside = true;
    } else if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
      if (inside) {
        arguments.push_back(std::move(current));
        current.clear();
        inside = false;
      }
    } else {
      current.push_back(c);
      inside = true;
    }
  }
  if (inside) {
    arguments.push_back(std::move(current));
  }
  return arguments;
}

}  // namespace streampark::flink
