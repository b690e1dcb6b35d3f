// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "streampark/connectors/batch.h"
#include "streampark/core/columns.h"
#include "streampark/core/context.h"
#include "streampark/core/rows.h"
#include "streampark/core/time.h"

/// Tests of jobs, without a system outside and without waiting: the job runs as it does in production, in threads and with checkpoints, but its
/// sources and sinks are the test's, and so is its clock.
///
///   TEST(CarrierDelays, MeanPerHour) {
///     sp::testing::Pipeline pipeline(CarrierDelays);
///     pipeline.Source("flights").Send(Flight{"UA", 10, At("09:05")}, Flight{"UA", 20, At("09:40")});
///     pipeline.AdvanceWatermark(At("10:10"));
///     EXPECT_THAT(pipeline.Sink<CarrierDelay>("delays"), ElementsAre(CarrierDelay{"UA", At("10:00"), 15.0}));
///     EXPECT_TRUE(pipeline.RestoresFromCheckpoint());
///   }
///
/// Any test framework will do. A job that fails, and a name that the job does not have, throw PipelineFailure.
namespace streampark::testing {

class PipelineFailure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A time of 1 January 2026, UTC: "09:05", "09:05:30", "09:05:30.250"; or any time in RFC 3339.
Timestamp At(std::string_view text);

/// Used by one thread.
class Pipeline {
 public:
  /// A job's body: the function that SP_JOB makes, or a lambda.
  using Body = std::function<void(StreamContext&)>;
  struct Setup {
    /// As in application.yml: what the job asks for by App(), and native.*. Sections of connectors are not needed.
    std::string config;
    int parallelism = 1;
  };

  /// Starts the job.
  explicit Pipeline(Body body) : Pipeline(std::move(body), Setup()) {}
  Pipeline(Body body, Setup setup);
  ~Pipeline();
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  /// A source of the job, by its alias.
  class SourceEnd {
   public:
    /// Rows in this order, as one batch.
    template <typename T, typename... More>
    void Send(const T& first, const More&... more) {
      SendAll(std::vector<T>{first, more...});
    }
    template <typename T>
    void SendAll(const std::vector<T>& rows) {
      static_assert(core::Record<T>, "a source gives records: the struct needs SP_RECORD");
      core::RowWriter<T> batch;
      for (const T& row : rows) {
        batch.Add(row);
      }
      pipeline_.Push(alias_, batch.Finish());
    }
    /// Nothing more comes from it.
    void End() { pipeline_.End(alias_); }

   private:
    friend class Pipeline;
    SourceEnd(Pipeline& pipeline, std::string alias)
        : pipeline_(pipeline), alias_(std::move(alias)) {}
    Pipeline& pipeline_;
    const std::string alias_;
  };
  SourceEnd Source(std::string alias) { return {*this, std::move(alias)}; }

  /// No row before this time will come: of all sources that have Watermarks(…).
  void AdvanceWatermark(Timestamp time);
  /// Processing time: timers and the expiry of state.
  void AdvanceTime(std::chrono::milliseconds by);

  /// All that has reached a sink since the start, once what was sent is worked off. The order is that of one subtask: with more of them it says nothing.
  template <typename T>
  std::vector<T> Sink(std::string_view alias) {
    std::vector<T> all;
    core::Rows<T> rows;
    Settle();
    for (const auto& batch : BatchesOf(alias)) {
      auto reader = core::RowReader<T>::Bind(*batch->schema);
      if (!reader.ok()) {
        throw PipelineFailure(reader.error().ToString());
      }
      rows.Clear();
      try {
        reader->Read(*batch, rows);
      } catch (const core::TaskFailure& failure) {
        throw PipelineFailure(failure.error().ToString());
      }
      for (std::size_t i = 0; i < rows.size(); ++i) {
        all.push_back(rows.row(i));
      }
    }
    return all;
  }

  /// Takes a savepoint, ends the job and begins a new one from it, which goes on from here. False when the new one cannot be restored: `failure`
  /// says why.
  bool RestoresFromCheckpoint();
  /// With another configuration or parallelism.
  bool RestoresFromCheckpoint(Setup setup);
  const std::string& failure() const { return failure_; }

  /// Waits until the job has ended by itself: after End() of all sources.
  void AwaitEnd();

 private:
  class Impl;

  void Push(const std::string& alias, std::unique_ptr<connectors::Batch> rows);
  void End(const std::string& alias);
  /// Until all that was sent has gone through.
  void Settle();
  std::vector<std::shared_ptr<const connectors::Batch>> BatchesOf(std::string_view alias);

  std::unique_ptr<Impl> impl_;
  std::string failure_;
};

}  // namespace streampark::testing
