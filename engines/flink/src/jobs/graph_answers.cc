// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <map>
#include <set>
#include <utility>

#include "streampark/base/http_client.h"
#include "streampark/base/json.h"

#include "jobs/detail_answers.h"
#include "rest/answer.h"

namespace streampark::flink {
namespace {

constexpr double kMillisPerSecond = 1000;
constexpr std::size_t kMostOuterOperators = 8;

void ReplaceAll(std::string& text, std::string_view from, std::string_view to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

/// "[5]:GroupAggregate(…)<br/>+- snk[6]: Writer<br/>" → its operators, without the tree's lines.
std::vector<std::string> ReadOperators(std::string_view description) {
  constexpr std::string_view kBreak = "<br/>";
  std::vector<std::string> operators;
  while (!description.empty()) {
    const std::size_t end = description.find(kBreak);
    std::string name(description.substr(0, end));
    description.remove_prefix(end == std::string_view::npos ? description.size()
                                                            : end + kBreak.size());
    const std::size_t start = name.find_first_not_of(" +-:|");
    if (start == std::string::npos) {
      continue;
    }
    name.erase(0, start);
    ReplaceAll(name, "&gt;", ">");
    ReplaceAll(name, "&lt;", "<");
    ReplaceAll(name, "&quot;", "\"");
    ReplaceAll(name, "&#39;", "'");
    ReplaceAll(name, "&amp;", "&");
    operators.push_back(std::move(name));
  }
  return operators;
}

engines::GraphVertex ReadVertex(const json::object& in) {
  engines::GraphVertex vertex;
  vertex.id = json::StringOr(in, "id");
  vertex.name = json::StringOr(in, "name");
  vertex.slot_group = json::StringOr(in, "slotSharingGroupId");
  vertex.parallelism = static_cast<int>(json::IntegerOr(in, "parallelism"));
  vertex.max_parallelism = static_cast<int>(json::IntegerOr(in, "maxParallelism"));
  vertex.native_state = json::StringOr(in, "status");
  vertex.started_at = FindTime(in, "start-time");
  vertex.duration = base::Millis(std::max<std::int64_t>(0, json::IntegerOr(in, "duration")));
  if (const json::object* tasks = json::FindObject(in, "tasks")) {
    vertex.tasks = ReadTaskCounts(*tasks);
  }
  if (const json::object* metrics = json::FindObject(in, "metrics")) {
    vertex.records_in = json::IntegerOr(*metrics, "read-records");
    vertex.records_out = json::IntegerOr(*metrics, "write-records");
    vertex.bytes_in = json::IntegerOr(*metrics, "read-bytes");
    vertex.bytes_out = json::IntegerOr(*metrics, "write-bytes");
  }
  return vertex;
}

void ReadPlan(const json::object& plan, engines::JobGraph& graph) {
  const json::array* nodes = json::FindArray(plan, "nodes");
  if (nodes == nullptr) {
    return;
  }
  std::map<std::string, engines::GraphVertex*> vertices;
  for (engines::GraphVertex& vertex : graph.vertices) {
    vertices[vertex.id] = &vertex;
  }
  for (const json::value& item : *nodes) {
    if (!item.is_object()) {
      continue;
    }
    const json::object& node = item.get_object();
    const std::string id = json::StringOr(node, "id");
    const auto vertex = vertices.find(id);
    if (vertex == vertices.end()) {
      continue;
    }
    vertex->second->operators = ReadOperators(json::StringOr(node, "description"));
    const json::array* inputs = json::FindArray(node, "inputs");
    for (const json::value& input : inputs == nullptr ? json::array() : *inputs) {
      if (input.is_object()) {
        graph.edges.push_back(
            {.source = json::StringOr(input.get_object(), "id"),
             .target = id,
             .ship_strategy = json::StringOr(input.get_object(), "ship_strategy")});
      }
    }
  }
}

/// An aggregate over subtasks; "NaN" comes as a string and is none.
std::optional<double> Aggregate(const json::object& metric, std::string_view kind) {
  const auto number = json::FindNumber(metric, kind);
  return number && std::isfinite(*number) ? number : std::nullopt;
}

void SetRatio(std::optional<double>& ratio, std::optional<double> millis_per_second) {
  if (millis_per_second) {
    ratio = std::clamp(*millis_per_second / kMillisPerSecond, 0.0, 1.0);
  }
}

}  // namespace

base::Result<engines::JobGraph> ReadGraph(const json::value& answer) {
  const json::array* list = SP_TRY(ExpectArray(answer, "vertices", "the job"));
  engines::JobGraph graph;
  for (const json::value& item : *list) {
    if (item.is_object()) {
      graph.vertices.push_back(ReadVertex(item.get_object()));
    }
  }
  if (const json::object* plan = json::FindObject(answer.get_object(), "plan")) {
    ReadPlan(*plan, graph);
  }
  return graph;
}

VertexMetrics ChooseVertexMetrics(const json::value& metric_names) {
  constexpr std::array<std::string_view, 5> kWanted = {
      "numRecordsInPerSecond", "numRecordsOutPerSecond", "busyTimeMsPerSecond",
      "backPressuredTimeMsPerSecond", "currentInputWatermark"};
  std::set<std::string, std::less<>> known;
  for (const json::value& item :
       metric_names.is_array() ? metric_names.get_array() : json::array()) {
    if (item.is_object()) {
      known.insert(json::StringOr(item.get_object(), "id"));
    }
  }
  VertexMetrics metrics;
  for (const std::string_view name : kWanted) {
    if (known.contains(name)) {
      metrics.names.emplace_back(name);
    }
  }
  const auto add = [&](std::vector<std::string>& operators, const std::string& name,
                       const std::string& metric) {
    if (operators.size() < kMostOuterOperators && known.contains(name + metric + "PerSecond")) {
      operators.push_back(name);
      metrics.names.push_back(name + metric);
      metrics.names.push_back(name + metric + "PerSecond");
    }
  };
  for (const std::string& id : known) {
    // `Source__src[1].numRecordsOut`; `snk[6]__Writer.numRecordsIn`, of older sinks
    // `Sink__snk[6].numRecordsIn`.
    const std::size_t dot = id.rfind('.');
    const std::string name = id.substr(0, dot == std::string::npos ? 0 : dot);
    if (name.starts_with("Source__") && id.ends_with(".numRecordsOut")) {
      add(metrics.sources, name, ".numRecordsOut");
    } else if ((name.starts_with("Sink__") || name.ends_with("Writer")) &&
               id.ends_with(".numRecordsIn")) {
      add(metrics.sinks, name, ".numRecordsIn");
    }
  }
  return metrics;
}

std::string VertexMetrics::query() const {
  std::string query;
  for (const std::string& name : names) {
    query += (query.empty() ? "" : ",") + base::UrlEncode(name);
  }
  return query;
}

void ReadVertexMetrics(const json::value& answer, const VertexMetrics& asked,
                       engines::GraphVertex& vertex) {
  if (!answer.is_array()) {
    return;
  }
  std::map<std::string, const json::object*> metrics;
  for (const json::value& item : answer.get_array()) {
    if (item.is_object()) {
      metrics[json::StringOr(item.get_object(), "id")] = &item.get_object();
    }
  }
  const auto aggregate = [&metrics](const std::string& id, std::string_view kind) {
    const auto found = metrics.find(id);
    return found == metrics.end() ? std::nullopt : Aggregate(*found->second, kind);
  };
  const auto total = [&aggregate](const std::vector<std::string>& operators,
                                  const std::string& metric) {
    std::optional<double> sum;
    for (const std::string& name : operators) {
      if (const auto one = aggregate(name + metric, "sum")) {
        sum = sum.value_or(0) + *one;
      }
    }
    return sum;
  };
  // Throughput adds up over subtasks; the busiest and the slowest subtask rule the vertex.
  vertex.records_in_per_second = asked.sources.empty()
                                     ? aggregate("numRecordsInPerSecond", "sum")
                                     : total(asked.sources, ".numRecordsOutPerSecond");
  vertex.records_out_per_second = asked.sinks.empty()
                                      ? aggregate("numRecordsOutPerSecond", "sum")
                                      : total(asked.sinks, ".numRecordsInPerSecond");
  if (const auto read = total(asked.sources, ".numRecordsOut")) {
    vertex.records_in = static_cast<std::int64_t>(*read);
  }
  if (const auto written = total(asked.sinks, ".numRecordsIn")) {
    vertex.records_out = static_cast<std::int64_t>(*written);
  }
  SetRatio(vertex.busy_ratio, aggregate("busyTimeMsPerSecond", "max"));
  SetRatio(vertex.back_pressure_ratio, aggregate("backPressuredTimeMsPerSecond", "max"));
  const auto slowest = aggregate("currentInputWatermark", "min");
  if (slowest && std::abs(*slowest) < 9e15) {  // beyond, a double is no exact millisecond
    vertex.watermark = TimeOf(static_cast<std::int64_t>(*slowest));
  }
}

std::optional<std::int64_t> ReadRestarts(const json::value& answer) {
  std::optional<std::int64_t> restarts;
  for (const json::value& item : answer.is_array() ? answer.get_array() : json::array()) {
    if (!item.is_object()) {
      continue;
    }
    // Both are the same count; the older name goes in the 2.x line.
    const std::string text = json::StringOr(item.get_object(), "value");
    if (!text.empty() && text.find_first_not_of("0123456789") == std::string::npos &&
        text.size() < 18) {
      restarts = std::max(restarts.value_or(0), static_cast<std::int64_t>(std::stoll(text)));
    }
  }
  return restarts;
}

}  // namespace streampark::flink
