// SPDX-License-Identifier: Apache-2.0
// streampark cluster jobs|adopt
#include "cluster_jobs.h"

#include <algorithm>
#include <cctype>
#include <memory>

#include <CLI/CLI.hpp>

#include "streampark/base/clock.h"
#include "streampark/base/json.h"

#include "lookup.h"
#include "operation_watch.h"

namespace streampark::cli {
namespace {

using base::ErrorCode;
using base::Ok;
using base::Status;

constexpr std::size_t kLongestName = 100;

struct AdoptArguments {
  std::string cluster, engine_job, job, team;
  Following following;
};

Status ListJobs(ApiClient& client, const AdoptArguments& arguments, OutputFormat output) {
  const json::object cluster = SP_TRY(FindCluster(client, arguments.cluster));
  const json::value answer =
      SP_TRY(client.Get("/api/v1/clusters/" + json::StringOr(cluster, "id") + "/jobs"));
  if (output == OutputFormat::kJson) {
    Print(Pretty(answer.as_object().at("items")));
    return Ok();
  }
  Table table({"NAME", "STATE", "STARTED", "LOOKED AFTER", "ID"});
  for (const json::value& item : answer.as_object().at("items").as_array()) {
    const json::object& job = item.as_object();
    table.Add({json::StringOr(job, "name"), json::StringOr(job, "nativeState"),
               Ago(json::StringOr(job, "startedAt")),
               json::FindBool(job, "ours").value_or(false) ? "yes" : "no",
               json::StringOr(job, "engineJobId")});
  }
  Print(table.Render());
  return Ok();
}

/// A job that has nothing to run yet but what it adopts.
base::Result<json::object> MakeJob(ApiClient& client, const AdoptArguments& arguments,
                                   const std::string& name, const json::object& cluster,
                                   const json::object& adopted) {
  const json::object team = SP_TRY(FindTeam(client, arguments.team));
  const json::value created = SP_TRY(client.Post(
      "/api/v1/jobs",
      {{"name", name},
       {"teamId", json::StringOr(team, "id")},
       {"spec",
        {{"engine", "FLINK"},
         {"type", "SQL"},
         {"target", {{"clusterId", json::StringOr(cluster, "id")}}},
         {"sql", "-- \"" + json::StringOr(adopted, "name") +
                     "\" was adopted: somebody else started it.\n-- Put the script that it runs "
                     "here, so that it can be started again after a stop.\n"}}}}));
  return created.as_object();
}

Status Adopt(ApiClient& client, const AdoptArguments& arguments, OutputFormat output) {
  const json::object cluster = SP_TRY(FindCluster(client, arguments.cluster));
  const json::object adopted = SP_TRY(FindClusterJob(client, cluster, arguments.engine_job));
  const std::string name =
      arguments.job.empty() ? NameForAdopted(json::StringOr(adopted, "name")) : arguments.job;
  auto job = FindJob(client, name, arguments.team);
  if (!job.ok() && job.error().code() == ErrorCode::kNotFound) {
    job = MakeJob(client, arguments, name, cluster, adopted);
  }
  return Operate(client, {"/api/v1/jobs/" + json::StringOr(SP_TRY(std::move(job)), "id"), name},
                 {{"kind", "ADOPT"}, {"engineJobId", json::StringOr(adopted, "engineJobId")}},
                 arguments.following, output);
}

}  // namespace

std::string NameForAdopted(std::string_view engine_name) {
  std::string name;
  bool fitted = true;
  for (const char c : engine_name) {
    const bool fits = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == ' ' || c == '.' ||
                      c == '_' || c == '-';
    if (fits || fitted) {
      name.push_back(fits ? c : '-');
    }
    fitted = fits;
  }
  const auto trim = [&] {
    const auto is_word = [](unsigned char c) { return std::isalnum(c) != 0; };
    name.erase(name.begin(), std::find_if(name.begin(), name.end(), is_word));
    name.erase(std::find_if(name.rbegin(), name.rend(), is_word).base(), name.end());
  };
  trim();
  name.resize(std::min(name.size(), kLongestName));
  trim();
  return name.empty() ? "adopted" : name;
}

void AddClusterJobCommands(CLI::App& cluster, Invocation& invocation) {
  const auto arguments = std::make_shared<AdoptArguments>();
  CLI::App* jobs = cluster.add_subcommand("jobs", "Everything that the engine runs there");
  jobs->add_option("CLUSTER", arguments->cluster)->required();
  invocation.OnChosen(jobs, [=, &invocation](ApiClient& client) {
    return ListJobs(client, *arguments, invocation.output);
  });

  CLI::App* adopt = cluster.add_subcommand(
      "adopt", "Look after a job that somebody started with the engine's own client; it runs on");
  adopt->add_option("CLUSTER", arguments->cluster)->required();
  adopt->add_option("JOB", arguments->engine_job, "The engine's name of it, or its id there")
      ->required();
  adopt->add_option("--as", arguments->job,
                    "The job that looks after it: one that does not run, or a new one; by default "
                    "the engine's name of it");
  adopt->add_option("--team", arguments->team, "The team of that job");
  AddFollowingOptions(adopt, arguments->following);
  invocation.OnChosen(adopt, [=, &invocation](ApiClient& client) {
    return Adopt(client, *arguments, invocation.output);
  });
}

}  // namespace streampark::cli
