// SPDX-License-Identifier: Apache-2.0
#include "planner/agent.h"

#include <algorithm>
#include <csignal>
#include <fstream>
#include <utility>

#include "streampark/base/json.h"

#include "planner/agent_errors.h"

namespace streampark::flink {
namespace {

constexpr base::Millis kReadSlice{2'000};    // how long an agent that hangs can delay its own end
constexpr base::Millis kCancelGrace{5'000};  // for the reply of a call that was cancelled

/// The last lines that the process wrote for people: why it ended, more often than not.
std::string TailOf(const std::filesystem::path& file) {
  constexpr std::streamoff kTail = 600;
  std::ifstream in(file, std::ios::binary | std::ios::ate);
  const std::streamoff size = in ? static_cast<std::streamoff>(in.tellg()) : 0;
  const std::streamoff length = std::min(size, kTail);
  std::string text(static_cast<std::size_t>(std::max<std::streamoff>(length, 0)), '\0');
  in.seekg(size - length);
  in.read(text.data(), length);
  const std::size_t first_line = size > kTail ? text.find('\n') + 1 : 0;
  return text.substr(first_line);
}

}  // namespace

base::Result<std::unique_ptr<Agent>> Agent::Start(const base::Command& command,
                                                  const std::filesystem::path& error_log) {
  auto child = base::ChildProcess::Start(command, error_log);
  if (!child.ok()) {
    return base::Error(base::ErrorCode::kAgentFailed, "the SQL agent cannot be started")
        .WithCause(child.error().message());
  }
  return std::unique_ptr<Agent>(new Agent(std::move(child).value(), error_log));
}

Agent::Agent(base::ChildProcess child, std::filesystem::path error_log)
    : child_(std::move(child)),
      error_log_(std::move(error_log)),
      reader_([this](const std::stop_token& stop) { ReadReplies(stop); }) {}

Agent::~Agent() {
  reader_.request_stop();
  child_.CloseInput();
  base::Signal(child_.id(), SIGTERM);  // in case it does not read just now
  reader_.join();
}

base::Result<boost::json::object> Agent::Call(const AgentMethod& method, boost::json::object params,
                                              const std::stop_token& stop) {
  const std::int64_t id = ++last_id_;
  const auto pending = std::make_shared<Pending>();
  {
    const std::lock_guard lock(mutex_);
    if (ended_) {
      return EndError();
    }
    pending_.emplace(id, pending);
  }
  std::optional<base::Result<boost::json::object>> reply;
  if (const auto sent = Send(id, method.name, std::move(params)); !sent.ok()) {
    reply = EndError();
  } else {
    reply = Await(*pending, std::chrono::steady_clock::now() + method.deadline, stop);
    if (!reply) {
      (void)Send(++last_id_, "cancel", {{"id", id}});  // a write that fails ends the agent anyway
      // Nobody is kept waiting for the reply to something that has no effects.
      if (method.effect == Effect::kOutside || !stop.stop_requested()) {
        reply = Await(*pending, std::chrono::steady_clock::now() + kCancelGrace, {});
        stuck_ = stuck_ || !reply;
      }
    }
  }
  {
    const std::lock_guard lock(mutex_);
    pending_.erase(id);
  }
  if (reply) {
    return std::move(*reply);
  }
  if (method.effect == Effect::kOutside) {
    return base::Error(base::ErrorCode::kEngineTimeout,
                       "the SQL agent gave no answer; what was asked may have happened");
  }
  if (stop.stop_requested()) {
    return base::Error(base::ErrorCode::kCancelled, "cancelled");
  }
  return base::Error(base::ErrorCode::kAgentFailed, "the SQL agent gave no answer within " +
                                                        base::FormatDuration(method.deadline));
}

base::Status Agent::Send(std::int64_t id, std::string_view method, boost::json::object params) {
  const std::string line =
      json::serialize(json::object{{"id", id}, {"method", method}, {"params", std::move(params)}});
  const std::lock_guard lock(write_mutex_);
  return child_.WriteLine(line);
}

std::optional<base::Result<boost::json::object>> Agent::Await(Pending& pending,
                                                              base::SteadyTime deadline,
                                                              const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  replied_.wait_until(lock, stop, deadline, [&pending] { return pending.reply.has_value(); });
  return std::move(pending.reply);
}

void Agent::ReadReplies(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    auto line = child_.ReadLine(std::chrono::steady_clock::now() + kReadSlice);
    if (!line.ok()) {
      break;
    }
    if (line->has_value()) {
      OnLine(**line);
    }
  }
  ended_ = true;
  FailAll(EndError());
}

void Agent::OnLine(std::string_view line) {
  auto parsed = json::Parse(line);
  if (!parsed.ok() || !parsed->is_object()) {
    return;  // something in the JVM wrote to standard output; replies have ids
  }
  json::object& message = parsed->get_object();
  const std::lock_guard lock(mutex_);
  const auto pending = pending_.find(json::IntegerOr(message, "id", -1));
  if (pending == pending_.end()) {
    return;  // the ready line, the answer to a cancel, or nobody waits any more
  }
  if (const json::object* error = json::FindObject(message, "error")) {
    pending->second->reply = ErrorOfAgent(*error);
  } else if (const auto result = message.find("result");
             result != message.end() && result->value().is_object()) {
    pending->second->reply = std::move(result->value().get_object());
  } else {
    return;  // progress
  }
  replied_.notify_all();
}

void Agent::FailAll(const base::Error& error) {
  const std::lock_guard lock(mutex_);
  for (auto& [id, pending] : pending_) {
    if (!pending->reply) {
      pending->reply = error;
    }
  }
  replied_.notify_all();
}

base::Error Agent::EndError() const {
  return base::Error(base::ErrorCode::kAgentFailed, "the SQL agent has ended")
      .WithCause(TailOf(error_log_))
      .WithHint("Try again: another one is started");
}

}  // namespace streampark::flink
