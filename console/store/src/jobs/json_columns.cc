// SPDX-License-Identifier: Apache-2.0
#include "jobs/json_columns.h"

#include <utility>

#include "streampark/base/json.h"

namespace streampark::store {
namespace {

json::array ArrayOf(std::string_view column) {
  base::Result<json::value> parsed = json::Parse(column);
  return parsed.ok() && parsed->is_array() ? std::move(parsed->get_array()) : json::array();
}
json::object ObjectOf(std::string_view column) {
  base::Result<json::value> parsed = json::Parse(column);
  return parsed.ok() && parsed->is_object() ? std::move(parsed->get_object()) : json::object();
}

template <typename Item, typename Make>
std::vector<Item> Each(const json::array& items, Make make) {
  std::vector<Item> made;
  for (const json::value& item : items) {
    if (item.is_object()) {
      made.push_back(make(item.get_object()));
    }
  }
  return made;
}

json::object OptionsToObject(const engines::Options& options) {
  json::object out;
  for (const auto& [key, value] : options) {
    out[key] = value;
  }
  return out;
}
engines::Options OptionsFromObject(const json::object& in) {
  engines::Options options;
  for (const auto& [key, value] : in) {
    if (value.is_string()) {
      options[std::string(key)] = std::string(value.get_string());
    }
  }
  return options;
}

using TaskMember = std::pair<std::string_view, int engines::TaskCounts::*>;
constexpr TaskMember kTaskMembers[] = {
    {"total", &engines::TaskCounts::total},
    {"created", &engines::TaskCounts::created},
    {"scheduled", &engines::TaskCounts::scheduled},
    {"deploying", &engines::TaskCounts::deploying},
    {"initializing", &engines::TaskCounts::initializing},
    {"running", &engines::TaskCounts::running},
    {"finished", &engines::TaskCounts::finished},
    {"canceling", &engines::TaskCounts::canceling},
    {"canceled", &engines::TaskCounts::canceled},
    {"failed", &engines::TaskCounts::failed},
    {"reconciling", &engines::TaskCounts::reconciling},
};

}  // namespace

std::string TextsToColumn(const std::vector<std::string>& texts) {
  return json::serialize(json::array(texts.begin(), texts.end()));
}
std::vector<std::string> TextsFromColumn(std::string_view column) {
  std::vector<std::string> texts;
  for (const json::value& item : ArrayOf(column)) {
    if (item.is_string()) {
      texts.emplace_back(item.get_string());
    }
  }
  return texts;
}

std::string OptionsToColumn(const engines::Options& options) {
  return json::serialize(OptionsToObject(options));
}
engines::Options OptionsFromColumn(std::string_view column) {
  return OptionsFromObject(ObjectOf(column));
}

std::string ArtifactsToColumn(const std::vector<console::ReleaseArtifact>& artifacts) {
  json::array out;
  for (const console::ReleaseArtifact& artifact : artifacts) {
    out.push_back(json::object{{"name", artifact.name},
                               {"digest", artifact.digest},
                               {"sizeBytes", artifact.size_bytes},
                               {"origin", artifact.origin}});
  }
  return json::serialize(out);
}
std::vector<console::ReleaseArtifact> ArtifactsFromColumn(std::string_view column) {
  return Each<console::ReleaseArtifact>(ArrayOf(column), [](const json::object& in) {
    return console::ReleaseArtifact{json::StringOr(in, "name"), json::StringOr(in, "digest"),
                                    json::IntegerOr(in, "sizeBytes"), json::StringOr(in, "origin")};
  });
}

std::string OperatorsToColumn(const std::vector<engines::CompiledOperator>& operators) {
  json::array out;
  for (const engines::CompiledOperator& one : operators) {
    json::object item{{"id", one.id}, {"name", one.name}};
    if (one.parallelism) {
      item["parallelism"] = *one.parallelism;
    }
    out.push_back(std::move(item));
  }
  return json::serialize(out);
}
std::vector<engines::CompiledOperator> OperatorsFromColumn(std::string_view column) {
  return Each<engines::CompiledOperator>(ArrayOf(column), [](const json::object& in) {
    engines::CompiledOperator one{json::StringOr(in, "id"), json::StringOr(in, "name"), {}};
    if (const auto parallelism = json::FindInteger(in, "parallelism")) {
      one.parallelism = static_cast<int>(*parallelism);
    }
    return one;
  });
}

std::string TablesToColumn(const std::vector<engines::SqlTable>& tables) {
  json::array out;
  for (const engines::SqlTable& table : tables) {
    json::array columns;
    for (const engines::SqlColumn& column : table.columns) {
      columns.push_back(
          json::object{{"name", column.name}, {"type", column.type}, {"kind", column.kind}});
    }
    out.push_back(json::object{{"catalog", table.catalog},
                               {"database", table.database},
                               {"name", table.name},
                               {"kind", table.kind},
                               {"connector", table.connector},
                               {"columns", std::move(columns)},
                               {"options", OptionsToObject(table.options)}});
  }
  return json::serialize(out);
}
std::vector<engines::SqlTable> TablesFromColumn(std::string_view column) {
  return Each<engines::SqlTable>(ArrayOf(column), [](const json::object& in) {
    engines::SqlTable table;
    table.catalog = json::StringOr(in, "catalog");
    table.database = json::StringOr(in, "database");
    table.name = json::StringOr(in, "name");
    table.kind = json::StringOr(in, "kind");
    table.connector = json::StringOr(in, "connector");
    if (const json::array* columns = json::FindArray(in, "columns")) {
      table.columns = Each<engines::SqlColumn>(*columns, [](const json::object& one) {
        return engines::SqlColumn{json::StringOr(one, "name"), json::StringOr(one, "type"),
                                  json::StringOr(one, "kind")};
      });
    }
    if (const json::object* options = json::FindObject(in, "options")) {
      table.options = OptionsFromObject(*options);
    }
    return table;
  });
}

std::string FailureToColumn(const console::LastFailure& failure) {
  return json::serialize(json::object{{"kind", ToString(failure.kind)},
                                      {"operationId", failure.operation_id},
                                      {"code", failure.code},
                                      {"message", failure.message},
                                      {"at", failure.at.time_since_epoch().count()}});
}
std::optional<console::LastFailure> FailureFromColumn(std::string_view column) {
  const json::object in = ObjectOf(column);
  const auto kind = console::ParseOperationKind(json::StringOr(in, "kind"));
  if (!kind) {
    return std::nullopt;
  }
  return console::LastFailure{*kind, json::StringOr(in, "operationId"), json::StringOr(in, "code"),
                              json::StringOr(in, "message"),
                              base::Timestamp(base::Millis(json::IntegerOr(in, "at")))};
}

std::string RecoveryToColumn(const console::Recovery& recovery) {
  json::object out{{"ends", recovery.ends}, {"answered", recovery.answered}};
  const auto time = [&](const char* name, const std::optional<base::Timestamp>& at) {
    if (at) {
      out[name] = at->time_since_epoch().count();
    }
  };
  time("due", recovery.due);
  out["looped"] = recovery.looped;
  time("fencedAt", recovery.fenced_at);
  return json::serialize(out);
}
console::Recovery RecoveryFromColumn(std::string_view column) {
  const json::object in = ObjectOf(column);
  const auto time = [&](const char* name) {
    const auto at = json::FindInteger(in, name);
    return at ? std::optional(base::Timestamp(base::Millis(*at))) : std::nullopt;
  };
  const json::value* looped = in.if_contains("looped");
  return {.ends = static_cast<int>(json::IntegerOr(in, "ends")),
          .answered = json::StringOr(in, "answered"),
          .due = time("due"),
          .looped = looped != nullptr && looped->is_bool() && looped->get_bool(),
          .fenced_at = time("fencedAt")};
}

std::string StandingToColumn(const console::Standing& standing) {
  const bool asks = standing.kind == console::Standing::Kind::kAsks;
  return json::serialize(json::object{{"kind", asks ? "ASKS" : "QUARANTINED"},
                                      {"rule", standing.rule},
                                      {"at", standing.at.time_since_epoch().count()}});
}
std::optional<console::Standing> StandingFromColumn(std::string_view column) {
  const json::object in = ObjectOf(column);
  if (in.empty()) {
    return std::nullopt;
  }
  return console::Standing{
      json::StringOr(in, "kind") == "ASKS" ? console::Standing::Kind::kAsks
                                           : console::Standing::Kind::kQuarantined,
      json::StringOr(in, "rule"), base::Timestamp(base::Millis(json::IntegerOr(in, "at")))};
}

std::string TasksToColumn(const engines::TaskCounts& tasks) {
  json::object out;
  for (const auto& [name, member] : kTaskMembers) {
    out[name] = tasks.*member;
  }
  return json::serialize(out);
}
engines::TaskCounts TasksFromColumn(std::string_view column) {
  const json::object in = ObjectOf(column);
  engines::TaskCounts tasks;
  for (const auto& [name, member] : kTaskMembers) {
    tasks.*member = static_cast<int>(json::IntegerOr(in, name));
  }
  return tasks;
}

}  // namespace streampark::store
