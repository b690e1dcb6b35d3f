// SPDX-License-Identifier: Apache-2.0
#include "planner/planner_answers.h"

#include <algorithm>

#include "streampark/base/json.h"

namespace streampark::flink {
namespace {

/// Calls `use` with each object in the array `key`.
template <typename Use>
void ForEachObject(const json::object& in, std::string_view key, Use use) {
  const json::array* list = json::FindArray(in, key);
  for (const json::value& item : list == nullptr ? json::array() : *list) {
    if (item.is_object()) {
      use(item.get_object());
    }
  }
}

int IntOf(const json::object& in, std::string_view key, int fallback = 0) {
  return static_cast<int>(json::IntegerOr(in, key, fallback));
}

engines::SqlTable ReadTable(const json::object& in) {
  engines::SqlTable table{.catalog = json::StringOr(in, "catalog"),
                          .database = json::StringOr(in, "database"),
                          .name = json::StringOr(in, "name"),
                          .kind = json::StringOr(in, "kind")};
  ForEachObject(in, "columns", [&table](const json::object& column) {
    table.columns.push_back({.name = json::StringOr(column, "name"),
                             .type = json::StringOr(column, "type"),
                             .kind = json::StringOr(column, "kind")});
  });
  if (const json::object* options = json::FindObject(in, "options")) {
    for (const auto& [key, value] : *options) {
      if (value.is_string()) {
        table.options[key] = std::string(value.get_string());
      }
    }
  }
  if (const auto connector = table.options.find("connector"); connector != table.options.end()) {
    table.connector = connector->second;
  }
  return table;
}

std::vector<engines::SqlFactory::Option> ReadFactoryOptions(const json::object& factory) {
  std::vector<engines::SqlFactory::Option> options;
  for (const bool required : {true, false}) {
    ForEachObject(factory, required ? "requiredOptions" : "optionalOptions",
                  [&](const json::object& in) {
                    options.push_back({.key = json::StringOr(in, "key"),
                                       .type = json::StringOr(in, "type"),
                                       .description = json::StringOr(in, "description"),
                                       .default_value = json::FindString(in, "default"),
                                       .values = json::StringsOf(in, "enumValues"),
                                       .required = required});
                  });
  }
  return options;
}

std::map<std::string, std::int64_t> ReadMemory(const json::object& in, std::string_view key) {
  std::map<std::string, std::int64_t> memory;
  if (const json::object* parts = json::FindObject(in, key)) {
    for (const auto& [name, value] : *parts) {
      if (const auto bytes = json::FindInteger(*parts, name)) {
        memory[name] = *bytes;
      }
    }
  }
  return memory;
}

}  // namespace

engines::SqlVerdict ReadVerdict(const json::object& result) {
  engines::SqlVerdict verdict;
  ForEachObject(result, "diagnostics", [&verdict](const json::object& in) {
    verdict.diagnostics.push_back({.severity = json::StringOr(in, "severity", "ERROR"),
                                   .code = json::StringOr(in, "code"),
                                   .message = json::StringOr(in, "message"),
                                   .hint = json::StringOr(in, "hint"),
                                   .range = {.line = IntOf(in, "line"),
                                             .column = IntOf(in, "column"),
                                             .end_line = IntOf(in, "endLine"),
                                             .end_column = IntOf(in, "endColumn")},
                                   .statement = IntOf(in, "statementIndex", -1)});
  });
  ForEachObject(result, "statements", [&verdict](const json::object& in) {
    verdict.statements.push_back({.kind = json::StringOr(in, "kind"),
                                  .summary = json::StringOr(in, "summary"),
                                  .range = {.line = IntOf(in, "startLine"),
                                            .column = IntOf(in, "startColumn"),
                                            .end_line = IntOf(in, "endLine"),
                                            .end_column = IntOf(in, "endColumn")}});
  });
  ForEachObject(result, "tables",
                [&verdict](const json::object& in) { verdict.tables.push_back(ReadTable(in)); });
  return verdict;
}

engines::CompiledSql ReadCompiled(const json::object& result) {
  engines::CompiledSql compiled;
  if (json::FindBool(result, "compilable").value_or(false)) {
    compiled.plan = json::StringOr(result, "plan");
  }
  ForEachObject(result, "notCompilable", [&compiled](const json::object& in) {
    const std::int64_t statement = json::IntegerOr(in, "statementIndex", -1);
    const std::string reason = json::StringOr(in, "reason");
    compiled.not_compiled.push_back(
        statement < 0 ? reason : "statement " + std::to_string(statement + 1) + ": " + reason);
  });
  ForEachObject(result, "operators", [&compiled](const json::object& in) {
    engines::CompiledOperator operation{.id = json::StringOr(in, "id"),
                                        .name = json::StringOr(in, "vertex")};
    if (const auto parallelism = json::FindInteger(in, "parallelism")) {
      operation.parallelism = static_cast<int>(*parallelism);
    }
    compiled.operators.push_back(std::move(operation));
  });
  compiled.highest_number = IntOf(result, "highestNumber");
  return compiled;
}

std::string ReadExplanation(const json::object& result) {
  std::string text;
  for (const auto& [member, heading] :
       {std::pair("ast", "Abstract syntax tree"), std::pair("optimized", "Optimized plan"),
        std::pair("executionPlan", "Execution plan")}) {
    const std::string part = json::StringOr(result, member);
    if (!part.empty()) {
      text += (text.empty() ? "== " : "\n\n== ") + std::string(heading) + " ==\n" + part;
    }
  }
  return text;
}

engines::SqlVocabulary ReadVocabulary(const json::object& connectors, const json::object& functions,
                                      const json::object& keywords) {
  engines::SqlVocabulary vocabulary;
  ForEachObject(connectors, "factories", [&vocabulary](const json::object& in) {
    const auto kinds = json::StringsOf(in, "kinds");
    const auto is = [&kinds](std::string_view kind) {
      return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
    };
    const engines::SqlFactory factory{.identifier = json::StringOr(in, "identifier"),
                                      .source = is("SOURCE") || is("DECODING_FORMAT"),
                                      .sink = is("SINK") || is("ENCODING_FORMAT"),
                                      .options = ReadFactoryOptions(in)};
    if (is("SOURCE") || is("SINK")) {
      vocabulary.connectors.push_back(factory);
    }
    if (is("DECODING_FORMAT") || is("ENCODING_FORMAT")) {
      vocabulary.formats.push_back(factory);
    }
    if (is("CATALOG")) {
      vocabulary.catalogs.push_back(factory);
    }
  });
  ForEachObject(functions, "functions", [&vocabulary](const json::object& in) {
    vocabulary.functions.push_back(json::StringOr(in, "name"));
  });
  vocabulary.keywords = json::StringsOf(keywords, "keywords");
  return vocabulary;
}

std::vector<engines::OptionProblem> ReadProblems(const json::object& result,
                                                 std::string_view member) {
  std::vector<engines::OptionProblem> problems;
  ForEachObject(result, member, [&problems](const json::object& in) {
    const std::string suggestion = json::StringOr(in, "suggestion");
    problems.push_back({.key = json::StringOr(in, "key"),
                        .message = json::StringOr(in, "message"),
                        .hint = suggestion.empty() ? "" : "Did you mean " + suggestion + "?"});
  });
  return problems;
}

engines::ClusterCheck ReadClusterCheck(const json::object& result) {
  return {.errors = ReadProblems(result, "errors"),
          .warnings = ReadProblems(result, "warnings"),
          .job_manager_memory = ReadMemory(result, "jobManagerMemory"),
          .task_manager_memory = ReadMemory(result, "taskManagerMemory")};
}

engines::SnapshotInspection ReadSnapshot(const json::object& result) {
  engines::SnapshotInspection inspection;
  inspection.exists = json::FindBool(result, "exists").value_or(false);
  inspection.complete = json::FindBool(result, "complete").value_or(false);
  inspection.problem = json::StringOr(result, "problem");
  inspection.checkpoint_id = json::IntegerOr(result, "checkpointId");
  inspection.size_bytes = json::IntegerOr(result, "bytes");
  ForEachObject(result, "operators", [&inspection](const json::object& in) {
    const std::int64_t bytes = json::IntegerOr(in, "stateBytes");
    inspection.operators.push_back(
        {.id = json::StringOr(in, "id"),
         .name = json::StringOr(in, "name", json::StringOr(in, "uid")),
         .parallelism = IntOf(in, "parallelism"),
         .max_parallelism = IntOf(in, "maxParallelism"),
         .state_bytes = bytes,
         .has_state = bytes > 0 || IntOf(in, "subtasksWithState") > 0 ||
                      json::FindBool(in, "coordinator").value_or(false)});
  });
  return inspection;
}

std::vector<engines::FoundSnapshot> ReadFoundSnapshots(const json::object& result) {
  constexpr std::string_view kSavepoint = "savepoint-";  // then how the job's id begins, and a dash
  std::vector<engines::FoundSnapshot> found;
  ForEachObject(result, "snapshots", [&](const json::object& in) {
    engines::FoundSnapshot one{.path = json::StringOr(in, "path"),
                               .engine_job = json::StringOr(in, "jobId")};
    one.kind = json::StringOr(in, "kind") == "CHECKPOINT" ? engines::SnapshotKind::kCheckpoint
                                                          : engines::SnapshotKind::kSavepoint;
    one.complete = json::FindBool(in, "complete").value_or(false);
    one.modified_at = base::Timestamp(base::Millis(json::IntegerOr(in, "modifiedMillis")));
    const std::string name = one.path.substr(one.path.rfind('/') + 1);
    if (one.engine_job.empty() && name.starts_with(kSavepoint)) {
      one.engine_job = name.substr(kSavepoint.size(), name.rfind('-') - kSavepoint.size());
    }
    found.push_back(std::move(one));
  });
  return found;
}

json::object WriteOptions(const engines::Options& options) {
  json::object out;
  for (const auto& [key, value] : options) {
    out[key] = value;
  }
  return out;
}

json::object WriteSubmit(const engines::PlannerKey& key, const engines::SubmitRequest& request) {
  json::array addresses;
  for (const std::string& address : request.cluster.addresses) {
    addresses.emplace_back(address);
  }
  json::array jars;
  for (const auto& jar : key.jars) {
    jars.emplace_back(jar.string());
  }
  json::object out = {{"jobId", request.engine_job_id},
                      {"name", request.name},
                      {"sql", request.script},
                      {"options", WriteOptions(request.options)},
                      {"parallelism", request.parallelism},
                      {"restAddresses", std::move(addresses)},
                      {"jars", std::move(jars)},
                      {"globalParameters", WriteOptions(request.global_parameters)},
                      {"timeoutMillis", 60'000}};
  if (!request.plan.empty()) {
    out["plan"] = request.plan;
  }
  if (request.restore) {
    const bool claims = request.restore->claim == engines::ClaimMode::kClaim;
    out["restore"] = {{"path", request.restore->path},
                      {"claimMode", claims ? "CLAIM" : "NO_CLAIM"},
                      {"allowNonRestoredState", request.restore->allow_non_restored}};
  }
  return out;
}

}  // namespace streampark::flink
