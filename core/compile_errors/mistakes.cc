// SPDX-License-Identifier: Apache-2.0
// The likeliest mistakes of a job's author. This file does not compile: for each `expect:` the compiler must say that text.
#include <chrono>
#include <cstdint>
#include <string>

#include "streampark/core.h"

namespace sp = streampark;
using namespace std::chrono_literals;

struct Row {
  std::string name;
  std::int64_t number = 0;
  sp::Timestamp at;
};
SP_RECORD(Row, name, number, at);
struct Other {
  std::int64_t number = 0;
};
SP_RECORD(Other, number);
struct Plain {  // no SP_RECORD, no ==
  int number = 0;
};
struct NoHash {
  int number = 0;
  bool operator==(const NoHash&) const = default;
};

class OfNumbers final : public sp::KeyedProcess<std::int64_t, Row, Row> {
 public:
  void Process(const Row&, Context&, sp::Collector<Row>&) override {}
};
class WithPlainState final : public sp::KeyedProcess<std::string, Row, Row> {
 public:
  // expect: this type cannot be kept in state: give the struct SP_RECORD(Type, fields…)
  void Open(sp::KeyedStates<std::string>& states) override { states.Value<Plain>("plain"); }
  void Process(const Row&, Context&, sp::Collector<Row>&) override {}
};

void WrongRow(const sp::DataStream<Row>& rows) {
  // expect: Map takes a function that can be called with a `const Row&`
  rows.Map([](const Other& other) { return other; });
}
void NoResult(const sp::DataStream<Row>& rows) {
  // expect: the function of Map must return the new row; use ForEach to return nothing
  rows.Map([](const Row&) {});
}
void NoPredicate(const sp::DataStream<Row>& rows) {
  // expect: Filter takes a function of a `const Row&` that returns bool
  rows.Filter([](const Row& row) { return row.name; });
}
void NoCollector(const sp::DataStream<Row>& rows) {
  // expect: FlatMap takes a function of (const Row&, Collector<Out>&)
  rows.FlatMap<Row>([](const Row& row) { return row; });
}
void NoTime(const sp::DataStream<Row>& rows) {
  // expect: the event time must be a sp::Timestamp
  rows.Watermarks(&Row::number, sp::MonotonousTimestamps());
}
void KeyWithoutEquality(const sp::DataStream<Row>& rows) {
  // expect: a key must have operator==
  rows.KeyBy([](const Row&) { return Plain{}; });
}
void KeyWithoutHash() {
  // expect: a key is an integer, a string, a bool, an enum, an instant
  sp::core::HashKey(NoHash{});
}
void AggregateOfAnotherRow(const sp::DataStream<Row>& rows) {
  // expect: the aggregate does not fit the rows
  rows.KeyBy(&Row::name).Window(sp::Tumbling(1h)).Aggregate("sum", sp::Sum(&Other::number));
}
void ReduceThatReturnsTheSum(const sp::DataStream<Row>& rows) {
  // expect: the function of Reduce changes the sum; what it returns would be lost
  rows.KeyBy(&Row::name).Reduce("sum", [](Row& sum, const Row&) { return sum; });
}
void AggregateThatTakesNothingBack(const sp::DataStream<sp::Change<Row>>& rows) {
  // expect: the rows are changes, and this aggregate cannot take a row back
  rows.KeyBy([](const sp::Change<Row>& change) { return change.row.name; })
      .AggregateChanges("least", sp::Min(&Row::number));
}
void NoWindow(const sp::DataStream<Row>& rows) {
  // expect: Window takes sp::Tumbling(size), sp::Sliding(size, slide), sp::Session(gap) or
  rows.KeyBy(&Row::name).Window(1h).AllowedLateness(1min);
}
void EarlySession(const sp::DataStream<Row>& rows) {
  // expect: only tumbling and sliding windows of time fire early
  rows.KeyBy(&Row::name).Window(sp::Session(1h)).Early(sp::EveryRows(10));
}
void NoProcess(const sp::DataStream<Row>& rows) {
  // expect: Process takes a class derived from sp::KeyedProcess<Key, In, Out>
  rows.KeyBy(&Row::name).Process("process", [](const Row&) {});
}
void ProcessOfAnotherKey(const sp::DataStream<Row>& rows) {
  // expect: the KeyedProcess has another key or row type than the stream
  rows.KeyBy(&Row::name).Process("process", OfNumbers());
}
void JoinOfOtherKeys(const sp::DataStream<Row>& rows) {
  // expect: the two streams have keys of different types
  rows.KeyBy(&Row::name).Join(rows.KeyBy(&Row::number));
}
void OuterJoinWithoutPointers(const sp::DataStream<Row>& rows) {
  // expect: Apply of a window join takes a function of (const A&, const B&); of an outer
  rows.KeyBy(&Row::name)
      .Join(rows.KeyBy(&Row::name))
      .Window(sp::Tumbling(1h))
      .LeftOuter()
      .Apply("join", [](const Row& first, const Row&) { return first; });
}
