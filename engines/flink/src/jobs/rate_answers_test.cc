// SPDX-License-Identifier: Apache-2.0
#include "jobs/rate_answers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "jobs/detail_answers.h"
#include "testing/testdata.h"

namespace streampark::flink {
namespace {

using engines::JobMeters;
using testing::ElementsAre;
using testing::IsEmpty;

json::value Parsed(std::string_view text) { return json::Parse(text).value(); }

engines::GraphVertex Vertex(std::string id, std::string name, int running, std::string group) {
  engines::GraphVertex vertex;
  vertex.id = std::move(id);
  vertex.name = std::move(name);
  vertex.slot_group = std::move(group);
  vertex.tasks.running = running;
  return vertex;
}

TEST(RateAnswers, AskOnlyVerticesThatTouchTheWorldOutside) {
  engines::JobGraph graph;
  graph.vertices = {Vertex("s", "Source: src[1]", 1, "g"), Vertex("a", "GroupAggregate[3]", 4, "g"),
                    Vertex("w", "Calc[4] -> snk[5]: Writer", 4, "g"),
                    Vertex("c", "snk[5]: Committer", 1, "h")};
  graph.edges = {{"s", "a", ""}, {"a", "w", ""}, {"w", "c", ""}};
  std::vector<std::string> ids;
  for (const OuterVertex& one : OuterVerticesOf(graph)) {
    ids.push_back(one.id);
    EXPECT_EQ(one.first, one.id == "s");
    EXPECT_FALSE(one.last) << "a committer gets no records";
  }
  EXPECT_THAT(ids, ElementsAre("s", "w"));
  EXPECT_EQ(SlotsOf(graph), 5) << "the widest of each group that shares slots";
  EXPECT_EQ(SlotsOf({}), std::nullopt);
}

TEST(RateAnswers, SlotsOfWhatClustersSaid) {
  for (const char* line : {"1.20.5/job.json", "2.3.0/job.json"}) {
    const engines::JobGraph graph = ReadGraph(Recorded(line)).value();
    EXPECT_EQ(SlotsOf(graph), 1) << line;
    EXPECT_EQ(OuterVerticesOf(graph).size(), 2U) << line;
  }
}

TEST(RateAnswers, TakeWhatSourcesReadAndSinksGet) {
  const JobMeters::Vertex meters =
      ChooseMeters(Parsed(R"([{"id":"numRecordsInPerSecond"},{"id":"numRecordsOutPerSecond"},
                 {"id":"Source__src[1].numRecordsOutPerSecond"},{"id":"Source__src[1].pendingRecords"},
                 {"id":"Source__src[1].numRecordsOut"},{"id":"Calc[2].numRecordsOutPerSecond"},
                 {"id":"snk[3]__Writer.numRecordsInPerSecond"}])"),
                   {.id = "v", .first = true, .last = true});
  EXPECT_THAT(meters.in, ElementsAre("Source__src[1].numRecordsOutPerSecond"));
  EXPECT_THAT(meters.out, ElementsAre("snk[3]__Writer.numRecordsInPerSecond"));
  EXPECT_THAT(meters.pending, ElementsAre("Source__src[1].pendingRecords"));
  EXPECT_EQ(QueryOf(meters),
            "Source__src%5B1%5D.numRecordsOutPerSecond,"
            "snk%5B3%5D__Writer.numRecordsInPerSecond,Source__src%5B1%5D.pendingRecords");
}

TEST(RateAnswers, TakeWhatPassesBetweenVerticesWhereOperatorsDoNotCount) {
  const json::value names =
      Parsed(R"([{"id":"numRecordsInPerSecond"},{"id":"numRecordsOutPerSecond"}])");
  const auto first = ChooseMeters(names, {.id = "s", .first = true});
  EXPECT_THAT(first.in, ElementsAre("numRecordsOutPerSecond"));
  EXPECT_THAT(first.out, IsEmpty());
  const auto last = ChooseMeters(names, {.id = "w", .last = true});
  EXPECT_THAT(last.out, ElementsAre("numRecordsInPerSecond"));
  EXPECT_EQ(QueryOf(ChooseMeters(names, {.id = "m"})), "");
  EXPECT_EQ(QueryOf(ChooseMeters(Parsed("{}"), {.id = "s", .first = true})), "");
}

TEST(RateAnswers, AddUpOverVertices) {
  const JobMeters meters{.vertices = {{.id = "a", .in = {"x"}, .pending = {"p"}},
                                      {.id = "b", .in = {"x"}, .out = {"y"}, .pending = {"p"}}}};
  const auto rates =
      ReadRates(meters, {Parsed(R"([{"id":"x","sum":1.5},{"id":"p","sum":40}])"),
                         Parsed(R"([{"id":"x","sum":2},{"id":"y","sum":0},{"id":"p","sum":2}])")});
  EXPECT_EQ(rates.records_in_per_second, 3.5);
  EXPECT_EQ(rates.records_out_per_second, 0);
  EXPECT_EQ(rates.pending_records, 42);
}

TEST(RateAnswers, WhatIsNotToldIsNotZero) {
  EXPECT_EQ(ReadRates({}, {}), engines::JobRates());
  const JobMeters meters{.vertices = {{.id = "a", .in = {"x"}}, {.id = "b", .in = {"x"}}}};
  const json::value known = Parsed(R"([{"id":"x","sum":1.5}])");
  for (const char* text : {"[]", "{}", R"([{"id":"x","sum":"NaN"}])", R"([{"id":"z","sum":1}])"}) {
    const auto rates = ReadRates(meters, {known, Parsed(text)});
    EXPECT_EQ(rates.records_in_per_second, std::nullopt) << text;
    EXPECT_EQ(rates.records_out_per_second, std::nullopt) << text;
    EXPECT_EQ(rates.pending_records, std::nullopt) << "no source can tell";
  }
}

}  // namespace
}  // namespace streampark::flink
