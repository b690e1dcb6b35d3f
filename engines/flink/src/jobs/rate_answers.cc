// SPDX-License-Identifier: Apache-2.0
#include "jobs/rate_answers.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "streampark/base/http_client.h"
#include "streampark/base/json.h"

namespace streampark::flink {
namespace {

/// Adds up what was asked for; one missing part makes the whole unknown.
class Sum {
 public:
  void Add(const std::map<std::string, double>& values, const std::vector<std::string>& names) {
    for (const std::string& name : names) {
      const auto found = values.find(name);
      missing_ = missing_ || found == values.end();
      total_ = total_.value_or(0) + (found == values.end() ? 0 : found->second);
    }
  }
  std::optional<double> total() const { return missing_ ? std::nullopt : total_; }

 private:
  std::optional<double> total_;
  bool missing_ = false;
};

/// "NaN" comes as a string and is none.
std::map<std::string, double> SumsOf(const json::value& answer) {
  std::map<std::string, double> sums;
  for (const json::value& item : answer.is_array() ? answer.get_array() : json::array()) {
    if (item.is_object()) {
      const auto sum = json::FindNumber(item.get_object(), "sum");
      if (sum && std::isfinite(*sum)) {
        sums[json::StringOr(item.get_object(), "id")] = *sum;
      }
    }
  }
  return sums;
}

bool Names(const std::string& name, std::string_view part) {
  return name.find(part) != std::string::npos;
}

}  // namespace

std::vector<OuterVertex> OuterVerticesOf(const engines::JobGraph& graph) {
  std::set<std::string> with_input, with_output;
  for (const engines::GraphEdge& edge : graph.edges) {
    with_input.insert(edge.target);
    with_output.insert(edge.source);
  }
  std::vector<OuterVertex> outer;
  for (const engines::GraphVertex& vertex : graph.vertices) {
    const bool writes = Names(vertex.name, "Sink: ") || Names(vertex.name, "Writer");
    // What a committer gets are no records.
    const bool commits = Names(vertex.name, "ommitter") && !writes;
    const OuterVertex one{.id = vertex.id,
                          .first = !with_input.contains(vertex.id),
                          .last = !with_output.contains(vertex.id) && !commits};
    if (one.first || one.last || writes || Names(vertex.name, "Source: ")) {
      outer.push_back(one);
    }
  }
  return outer;
}

std::optional<int> SlotsOf(const engines::JobGraph& graph) {
  std::map<std::string, int> widest;
  for (const engines::GraphVertex& vertex : graph.vertices) {
    int& slots = widest[vertex.slot_group];
    const engines::TaskCounts& tasks = vertex.tasks;
    slots = std::max(slots, tasks.deploying + tasks.initializing + tasks.running);
  }
  int total = 0;
  for (const auto& [group, slots] : widest) {
    total += slots;
  }
  return total == 0 ? std::nullopt : std::optional(total);
}

engines::JobMeters::Vertex ChooseMeters(const json::value& metric_names,
                                        const OuterVertex& vertex) {
  engines::JobMeters::Vertex meters{.id = vertex.id};
  bool hands_on = false, gets = false;
  for (const json::value& item :
       metric_names.is_array() ? metric_names.get_array() : json::array()) {
    const std::string id =
        item.is_object() ? json::StringOr(item.get_object(), "id") : std::string();
    // `Source__src[1].numRecordsOutPerSecond`; `snk[6]__Writer.numRecordsInPerSecond`, of older
    // sinks `Sink__snk[6].numRecordsInPerSecond`.
    const std::size_t dot = id.rfind('.');
    const std::string name = id.substr(0, dot == std::string::npos ? 0 : dot);
    const bool source = name.starts_with("Source__");
    const bool sink = name.starts_with("Sink__") || name.ends_with("Writer");
    if (source && id.ends_with(".numRecordsOutPerSecond")) {
      meters.in.push_back(id);
    } else if (source && id.ends_with(".pendingRecords")) {
      meters.pending.push_back(id);
    } else if (sink && id.ends_with(".numRecordsInPerSecond")) {
      meters.out.push_back(id);
    }
    hands_on = hands_on || id == "numRecordsOutPerSecond";
    gets = gets || id == "numRecordsInPerSecond";
  }
  if (vertex.first && meters.in.empty() && hands_on) {
    meters.in.emplace_back("numRecordsOutPerSecond");
  }
  if (vertex.last && meters.out.empty() && gets) {
    meters.out.emplace_back("numRecordsInPerSecond");
  }
  return meters;
}

std::string QueryOf(const engines::JobMeters::Vertex& vertex) {
  std::string query;
  for (const auto* names : {&vertex.in, &vertex.out, &vertex.pending}) {
    for (const std::string& name : *names) {
      query += (query.empty() ? "" : ",") + base::UrlEncode(name);
    }
  }
  return query;
}

engines::JobRates ReadRates(const engines::JobMeters& meters,
                            const std::vector<json::value>& answers) {
  Sum in, out, pending;
  for (std::size_t i = 0; i < std::min(meters.vertices.size(), answers.size()); ++i) {
    const std::map<std::string, double> sums = SumsOf(answers[i]);
    in.Add(sums, meters.vertices[i].in);
    out.Add(sums, meters.vertices[i].out);
    pending.Add(sums, meters.vertices[i].pending);
  }
  engines::JobRates rates{.records_in_per_second = in.total(),
                          .records_out_per_second = out.total()};
  if (const auto records = pending.total(); records && *records >= 0 && *records < 9e15) {
    rates.pending_records = static_cast<std::int64_t>(*records);
  }
  return rates;
}

}  // namespace streampark::flink
