// SPDX-License-Identifier: Apache-2.0
// The planner's help for an editor: always that of the version that the job would run on, with the
// jars that it would have.
//
// A question may have to wait for a planner to start. A few may at once, and the others are told
// so: the threads that answer them are those of every other request. Nothing here asks a Maven
// repository; what was not resolved yet is fetched aside, and the answer says so.
#include <semaphore>

#include "streampark/base/json.h"
#include "streampark/http/body.h"

#include "jobs/dependency_fetcher.h"
#include "jobs/job_handlers.h"
#include "jobs/job_json.h"

namespace streampark::http {
namespace {

using api::Permission;

/// Half of the server's pool (ServerOptions::pool_threads).
constexpr std::ptrdiff_t kMostQuestions = 4;

struct SqlQuestion {
  std::string sql;
  engines::Options options;
  engines::PlannerKey planner;
  std::optional<base::Error> lacking;  // why its dependencies are not there
};

/// What the three questions share.
struct SqlHelp {
  explicit SqlHelp(const JobRouteServices& services_in)
      : services(services_in),
        fetcher(
            [&jobs = services.jobs](const DependencyFetcher::Coordinates& maven,
                                    const std::stop_token& stop) -> base::Status {
              console::JobSpec spec;
              spec.maven = maven;
              SP_TRY(jobs.dependencies().Resolve(
                  {}, spec, [](std::string_view) {}, stop));
              return base::Ok();
            },
            services.clock) {}

  const JobRouteServices services;
  std::counting_semaphore<kMostQuestions> places{kMostQuestions};
  DependencyFetcher fetcher;
};

base::Result<engines::Installation> InstallationAsked(const JobRouteServices& services,
                                                      const std::string& team_id,
                                                      const std::string& cluster_id,
                                                      const std::string& installation_id) {
  if (!cluster_id.empty()) {
    const console::ClusterPtr cluster = services.clusters.FindForTeam(team_id, cluster_id);
    if (cluster == nullptr) {
      return base::Error(base::ErrorCode::kNotFound, "the team has no such cluster");
    }
    if (cluster->spec.engine != "FLINK") {
      return base::Error(base::ErrorCode::kIllegalState,
                         cluster->spec.name + " is a cluster of an engine without SQL")
          .WithHint("choose a cluster of Flink");
    }
    if (!cluster->installation) {
      return base::Error(base::ErrorCode::kInstallationInvalid,
                         "no installed engine version fits the cluster " + cluster->spec.name);
    }
    return *cluster->installation;
  }
  console::InstallationPtr found;
  if (!installation_id.empty()) {
    found = services.installations.Find(installation_id);
  } else {
    for (const console::InstallationPtr& one : services.installations.List()) {
      if (one->state == console::InstallationState::kReady) {
        found = one;
        break;
      }
    }
  }
  if (found == nullptr || found->state != console::InstallationState::kReady) {
    return base::Error(base::ErrorCode::kNotFound, "there is no such engine version")
        .WithHint("name a cluster or an installation that is ready");
  }
  return found->ForEngine();
}

base::Result<SqlQuestion> ReadSql(SqlHelp& help, const Request& request) {
  const JobRouteServices& services = help.services;
  const json::object body = SP_TRY(JsonBody(request));
  FieldReader in(body);
  const std::string team = in.Text("teamId", {.required = true, .longest = 100});
  const std::string cluster_id = in.Text("clusterId", {.longest = 100});
  const std::string installation_id = in.Text("installationId", {.longest = 100});
  SqlQuestion question;
  question.sql = in.Text("sql", {.longest = 1U << 20U});
  if (const json::object* options = in.Object("options")) {
    for (const auto& [key, value] : *options) {
      if (value.is_string()) {
        question.options[std::string(key)] = std::string(value.get_string());
      } else {
        in.Fault("options", "the value of \"" + std::string(key) + "\" must be a text");
      }
    }
  }
  std::vector<std::string> maven;
  std::vector<std::string> resources;
  if (const json::object* dependencies = in.Object("dependencies")) {
    FieldReader inner(*dependencies, "/dependencies");
    maven = inner.Texts("maven");
    resources = inner.Texts("resources");
    in.Adopt(std::move(inner));
  }
  SP_TRY(in.Finish());
  // The planner loads the jars named here: to ask is to run code.
  const console::Team found =
      SP_TRY(console::RequireTeam(services.directory, request.caller, Permission::kJobEdit, team));
  if (!maven.empty()) {
    // Coordinates reach the resolver's command only in the form that a spec allows.
    console::JobSpec checked;
    checked.cluster_id = "any";
    checked.maven = maven;
    maven = SP_TRY(console::CheckedJobSpec(std::move(checked), "")).maven;
  }
  const engines::Installation installation =
      SP_TRY(InstallationAsked(services, found.id, cluster_id, installation_id));
  console::JobSpec spec;
  spec.maven = maven;
  spec.resources = resources;
  const auto artifacts = SP_TRY(services.jobs.dependencies().Recall(found.id, spec));
  if (artifacts) {
    question.planner = services.jobs.dependencies().PlannerFor(installation, *artifacts);
  } else {
    question.lacking = help.fetcher.Begin(maven);
  }
  return question;
}

json::object RangeJson(const base::TextRange& range, std::string_view line,
                       std::string_view column) {
  return {{line, range.line},
          {column, range.column},
          {"endLine", range.end_line},
          {"endColumn", range.end_column}};
}

json::object VerdictJson(const engines::SqlVerdict& verdict, base::Millis took) {
  json::array diagnostics;
  for (const engines::SqlDiagnostic& one : verdict.diagnostics) {
    json::object item = RangeJson(one.range, "line", "column");
    item["severity"] = one.severity;
    item["code"] = one.code;
    item["message"] = one.message;
    item["hint"] = one.hint;
    item["statement"] = one.statement;
    diagnostics.push_back(std::move(item));
  }
  json::array statements;
  for (const engines::SqlStatement& one : verdict.statements) {
    json::object item = RangeJson(one.range, "startLine", "startColumn");
    item["kind"] = one.kind;
    item["summary"] = one.summary;
    statements.push_back(std::move(item));
  }
  json::array tables;
  for (const engines::SqlTable& one : verdict.tables) {
    json::array columns;
    for (const engines::SqlColumn& column : one.columns) {
      columns.push_back(
          json::object{{"name", column.name}, {"type", column.type}, {"kind", column.kind}});
    }
    tables.push_back(json::object{{"catalog", one.catalog},
                                  {"database", one.database},
                                  {"name", one.name},
                                  {"kind", one.kind},
                                  {"connector", one.connector},
                                  {"columns", std::move(columns)}});
  }
  return {{"tookMs", took.count()},
          {"diagnostics", std::move(diagnostics)},
          {"statements", std::move(statements)},
          {"tables", std::move(tables)}};
}

json::array FactoriesJson(const std::vector<engines::SqlFactory>& factories) {
  json::array items;
  for (const engines::SqlFactory& one : factories) {
    json::array options;
    for (const engines::SqlFactory::Option& option : one.options) {
      options.push_back(
          json::object{{"key", option.key},
                       {"type", option.type},
                       {"required", option.required},
                       {"defaultValue", option.default_value ? json::value(*option.default_value)
                                                             : json::value(nullptr)},
                       {"description", option.description},
                       {"values", json::array(option.values.begin(), option.values.end())}});
    }
    items.push_back(json::object{{"identifier", one.identifier},
                                 {"source", one.source},
                                 {"sink", one.sink},
                                 {"options", std::move(options)}});
  }
  return items;
}

/// Without its jars a script cannot be judged: everything of theirs would be unknown.
engines::SqlVerdict VerdictOf(const base::Error& lacking) {
  const bool pending = lacking.code() == base::ErrorCode::kUnavailable;
  return {.diagnostics = {{.severity = pending ? "INFO" : "ERROR",
                           .code = pending ? "DEPENDENCY_PENDING" : "DEPENDENCY_UNRESOLVED",
                           .message = lacking.message(),
                           .hint = lacking.hint(),
                           .range = {.line = 1, .column = 1, .end_line = 1, .end_column = 1}}}};
}

base::Result<Response> Validate(SqlHelp& help, const Request& request) {
  const JobRouteServices& services = help.services;
  const base::SteadyTime begun = services.clock.SteadyNow();
  const SqlQuestion question = SP_TRY(ReadSql(help, request));
  const engines::SqlVerdict verdict =
      question.lacking ? VerdictOf(*question.lacking)
                       : SP_TRY(services.engine.planner.Validate(question.planner, question.sql,
                                                                 question.options, request.stop));
  return Response::Json(VerdictJson(
      verdict, std::chrono::duration_cast<base::Millis>(services.clock.SteadyNow() - begun)));
}

base::Result<Response> Explain(SqlHelp& help, const Request& request) {
  const SqlQuestion question = SP_TRY(ReadSql(help, request));
  if (question.lacking) {
    return *question.lacking;
  }
  return Response::Json(
      json::object{{"plan", SP_TRY(help.services.engine.planner.Explain(
                                question.planner, question.sql, question.options, request.stop))}});
}

base::Result<Response> Vocabulary(SqlHelp& help, const Request& request) {
  const SqlQuestion question = SP_TRY(ReadSql(help, request));
  if (question.lacking) {
    return *question.lacking;
  }
  const engines::SqlVocabulary vocabulary =
      SP_TRY(help.services.engine.planner.Vocabulary(question.planner, request.stop));
  const auto texts = [](const std::vector<std::string>& list) {
    return json::array(list.begin(), list.end());
  };
  return Response::Json(json::object{{"connectors", FactoriesJson(vocabulary.connectors)},
                                     {"formats", FactoriesJson(vocabulary.formats)},
                                     {"catalogs", FactoriesJson(vocabulary.catalogs)},
                                     {"functions", texts(vocabulary.functions)},
                                     {"keywords", texts(vocabulary.keywords)}});
}

}  // namespace

void BindSqlHelp(Router& router, const JobRouteServices& services) {
  const auto help = std::make_shared<SqlHelp>(services);
  const auto bind = [&](std::string_view id, auto handler) {
    router.Bind(id, [help, handler](const Request& request) -> base::Result<Response> {
      if (!help->places.try_acquire()) {
        return base::Error(base::ErrorCode::kUnavailable, "too many questions about SQL at once")
            .WithHint("try again soon");
      }
      const std::unique_ptr<SqlHelp, void (*)(SqlHelp*)> place(
          help.get(), [](SqlHelp* taken) { taken->places.release(); });
      return handler(*help, request);
    });
  };
  bind("validateSql", Validate);
  bind("explainSql", Explain);
  bind("getSqlVocabulary", Vocabulary);
}

}  // namespace streampark::http
