// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include <boost/json.hpp>

#include "streampark/base/process.h"
#include "streampark/base/result.h"

#include "planner/agent_methods.h"

namespace streampark::flink {

/// One helper JVM and the requests in flight to it. Requests run side by side in it, so a
/// validation does not wait for a submit. Thread-safe. Its end, wanted or not, fails what is in
/// flight with AGENT_FAILED.
class Agent {
 public:
  /// Returns as soon as the process exists; requests sent before it is ready wait in its pipe.
  static base::Result<std::unique_ptr<Agent>> Start(const base::Command& command,
                                                    const std::filesystem::path& error_log);
  ~Agent();
  Agent(const Agent&) = delete;
  Agent& operator=(const Agent&) = delete;

  /// The `result` of the reply. A call that is stopped, or whose deadline passes, is cancelled in
  /// the agent too; when its outcome is not known and it has effects outside, the error is
  /// ENGINE_TIMEOUT.
  base::Result<boost::json::object> Call(const AgentMethod& method, boost::json::object params,
                                         const std::stop_token& stop);

  /// Whether it can take requests: it runs, and answered the last time that it was cancelled.
  bool usable() const { return !ended_ && !stuck_; }
  const base::ProcessId& process() const { return child_.id(); }
  const std::filesystem::path& error_log() const { return error_log_; }

 private:
  struct Pending {
    std::optional<base::Result<boost::json::object>> reply;
  };

  Agent(base::ChildProcess child, std::filesystem::path error_log);
  void ReadReplies(const std::stop_token& stop);
  void OnLine(std::string_view line);
  void FailAll(const base::Error& error);
  base::Status Send(std::int64_t id, std::string_view method, boost::json::object params);
  std::optional<base::Result<boost::json::object>> Await(Pending& pending,
                                                         base::SteadyTime deadline,
                                                         const std::stop_token& stop);
  base::Error EndError() const;

  base::ChildProcess child_;
  const std::filesystem::path error_log_;
  std::mutex write_mutex_;
  std::mutex mutex_;
  std::condition_variable_any replied_;
  std::map<std::int64_t, std::shared_ptr<Pending>> pending_;
  std::atomic<std::int64_t> last_id_ = 0;
  std::atomic<bool> ended_ = false;
  std::atomic<bool> stuck_ = false;
  std::jthread reader_;
};

}  // namespace streampark::flink
