// SPDX-License-Identifier: Apache-2.0
// The real adapter over wires that break. For each verb and each fault: an error that claims no more
// than is known, never a part of an answer, within the deadline, and nothing left behind.
#include <atomic>
#include <chrono>
#include <filesystem>
#include <future>
#include <latch>

#include <gtest/gtest.h>

#include "jobs/flink_jobs.h"
#include "testing/fault_proxy.h"
#include "testing/scripted_server.h"
#include "testing/testdata.h"

namespace streampark::flink {
namespace {

using base::ErrorCode;
using engines::Endpoint;
using engines::EngineState;
using Then = Reply::Then;
using Trigger = engines::TriggerObservation::State;

const std::string kJob(32, 'a');
const std::string kTriggerId(32, 'b');

/// What a healthy cluster says.
std::string Healthy(const std::string& request) {
  const auto is = [&](std::string_view start) { return request.starts_with(start); };
  const std::string job = "/jobs/" + kJob;
  const auto answer = [](const char* name) {
    return ScriptedServer::HttpKept(200, TestText(std::string("2.3.0/") + name));
  };
  if (is("POST ") || is("PATCH ")) {
    return ScriptedServer::HttpKept(202, R"({"request-id":")" + kTriggerId + R"("})");
  }
  if (is("GET /jobs/overview ")) {
    return answer("jobs.json");
  }
  if (is("GET /overview ")) {
    return answer("overview.json");
  }
  if (is("GET /config ")) {
    return ScriptedServer::HttpKept(200, R"({"refresh-interval":1000})");
  }
  if (is("GET /jobmanager/config ")) {
    return answer("configuration.json");
  }
  if (is("GET /taskmanagers ")) {
    return answer("taskmanagers.json");
  }
  if (is("GET /jobmanager/logs ") || request.find("/logs ") != std::string::npos) {
    return answer("logs.json");
  }
  if (is("GET /taskmanagers/")) {
    return answer("taskmanager.json");
  }
  if (is("GET /jobmanager/logs/")) {
    return ScriptedServer::HttpKept(200, std::string(2000, 'l'));
  }
  if (is("GET " + job + "/config ")) {
    return ScriptedServer::HttpKept(200, R"({"execution-config":{"user-config":{"a":"b"}}})");
  }
  if (is("GET " + job + "/savepoints/")) {
    return answer("savepoint_done.json");
  }
  if (is("GET " + job + "/checkpoints")) {
    return answer("checkpoints.json");
  }
  if (is("GET " + job + "/exceptions")) {
    return answer("exceptions.json");
  }
  if (is("GET " + job + "/metrics")) {
    return answer("job_metrics.json");
  }
  if (is("GET " + job + "/vertices/")) {
    return answer("vertex_metrics.json");
  }
  if (is("GET " + job + " ")) {
    return answer("job.json");
  }
  return ScriptedServer::HttpKept(404, TestText("2.3.0/no_job.json"));
}

engines::StopRequest StopWithSavepoint() {
  return {.engine_job_id = kJob,
          .trigger_id = kTriggerId,
          .directory = "file:/savepoints",
          .after = engines::StopRequest::After::kStop};
}

/// One verb of the driver, as far as its error goes.
struct Verb {
  const char* name;
  enum class Kind { kLook, kAct } kind;
  std::function<base::Status(FlinkJobs&, const Endpoint&, std::stop_token)> call;
};

template <typename T>
base::Status StatusOf(const base::Result<T>& result) {
  return result.ok() ? base::Ok() : base::Status(result.error());
}

constexpr base::Millis kDeadline{250};

const std::vector<Verb>& Verbs() {
  using Kind = Verb::Kind;
  using Stop = std::stop_token;
  static const std::vector<Verb> verbs = {
      {"Observe", Kind::kLook,
       [](FlinkJobs& jobs, const Endpoint& to, Stop stop) {
         return StatusOf(jobs.Observe(to, kDeadline, std::move(stop)));
       }},
      {"ListTaskManagers", Kind::kLook,
       [](FlinkJobs& jobs, const Endpoint& to, Stop stop) {
         return StatusOf(jobs.ListTaskManagers(to, std::move(stop)));
       }},
      {"ClusterOptions", Kind::kLook,
       [](FlinkJobs& jobs, const Endpoint& to, Stop stop) {
         return StatusOf(jobs.ClusterOptions(to, std::move(stop)));
       }},
      {"Find", Kind::kLook,
       [](FlinkJobs& jobs, const Endpoint& to, Stop stop) {
         return StatusOf(jobs.Find(to, kJob, std::move(stop)));
       }},
      {"Labels", Kind::kLook,
       [](FlinkJobs& jobs, const Endpoint& to, Stop stop) {
         return StatusOf(jobs.Labels(to, kJob, std::move(stop)));
       }},
      {"ObserveTrigger", Kind::kLook,
       [](FlinkJobs& jobs, const Endpoint& to, Stop stop) {
         return StatusOf(jobs.ObserveTrigger(to, kJob, kTriggerId, std::move(stop)));
       }},
      {"Graph", Kind::kLook,
       [](FlinkJobs& jobs, const Endpoint& to, Stop stop) {
         return StatusOf(jobs.Graph(to, kJob, std::move(stop)));
       }},
      {"Meters", Kind::kLook,
       [](FlinkJobs& jobs, const Endpoint& to, Stop stop) {
         return StatusOf(jobs.Meters(to, kJob, std::move(stop)));
       }},
      {"Rates", Kind::kLook,
       [](FlinkJobs& jobs, const Endpoint& to, Stop stop) {
         engines::JobMeters meters;
         meters.vertices.push_back({.id = "v", .in = {"numRecordsInPerSecond"}});
         return StatusOf(jobs.Rates(to, kJob, meters, std::move(stop)));
       }},
      {"Checkpoints", Kind::kLook,
       [](FlinkJobs& jobs, const Endpoint& to, Stop stop) {
         return StatusOf(jobs.Checkpoints(to, kJob, std::move(stop)));
       }},
      {"Exceptions", Kind::kLook,
       [](FlinkJobs& jobs, const Endpoint& to, Stop stop) {
         return StatusOf(jobs.Exceptions(to, kJob, std::move(stop)));
       }},
      {"Restarts", Kind::kLook,
       [](FlinkJobs& jobs, const Endpoint& to, Stop stop) {
         return StatusOf(jobs.Restarts(to, kJob, std::move(stop)));
       }},
      {"ListLogs", Kind::kLook,
       [](FlinkJobs& jobs, const Endpoint& to, Stop stop) {
         return StatusOf(jobs.ListLogs(to, std::move(stop)));
       }},
      {"ReadLog", Kind::kLook,
       [](FlinkJobs& jobs, const Endpoint& to, Stop stop) {
         return StatusOf(jobs.ReadLog(to, "jobmanager/jm.log", 0, 1000, std::move(stop)));
       }},
      {"Trigger", Kind::kAct,
       [](FlinkJobs& jobs, const Endpoint& to, Stop stop) {
         return jobs.Trigger(to, StopWithSavepoint(), std::move(stop));
       }},
      {"Cancel", Kind::kAct,
       [](FlinkJobs& jobs, const Endpoint& to, Stop stop) {
         return jobs.Cancel(to, kJob, std::move(stop));
       }},
  };
  return verbs;
}

/// What answers instead of a healthy cluster, and what a look and an act have to say to it.
struct AnswerFault {
  const char* name;
  std::function<Reply(const std::string& request)> answer;
  ErrorCode look, act;
};

std::string HeadOf(const std::string& answer) {
  return answer.substr(0, answer.find("\r\n\r\n") + 4);
}

const std::vector<AnswerFault>& AnswerFaults() {
  static const std::vector<AnswerFault> faults = {
      {"takes and hangs", [](const std::string&) { return Reply(""); }, ErrorCode::kEngineTimeout,
       ErrorCode::kEngineTimeout},
      {"takes and resets", [](const std::string&) { return Reply("", Then::kReset); },
       ErrorCode::kEngineTimeout, ErrorCode::kEngineTimeout},
      {"takes and hangs up", [](const std::string&) { return Reply("", Then::kClose); },
       ErrorCode::kEngineTimeout, ErrorCode::kEngineTimeout},
      {"hangs after the head",
       [](const std::string& request) { return Reply(HeadOf(Healthy(request)), Then::kHang); },
       ErrorCode::kEngineTimeout, ErrorCode::kEngineTimeout},
      {"breaks down",
       [](const std::string& request) {
         // Also over what is asked then: whether an act was done stays open.
         return Reply(ScriptedServer::Http(
             500, request.starts_with("GET") ? R"({"errors":["Internal server error."]})"
                                             : R"({"errors":["AskTimeoutException: timed out"]})"));
       },
       ErrorCode::kEngineError, ErrorCode::kEngineTimeout},
      {"has no leader",
       [](const std::string&) {
         return Reply(
             ScriptedServer::Http(503, R"({"errors":["Service temporarily unavailable"]})"));
       },
       ErrorCode::kClusterUnreachable, ErrorCode::kClusterUnreachable},
      {"is another server",
       [](const std::string&) {
         return Reply(ScriptedServer::Http(200, "<!DOCTYPE html><title>Login</title>"));
       },
       ErrorCode::kEngineError, ErrorCode::kEngineError},
      {"is another server that has nothing there",
       [](const std::string&) { return Reply(ScriptedServer::Http(404, "<h1>Not Found</h1>")); },
       ErrorCode::kEngineError, ErrorCode::kEngineError},
      {"speaks no HTTP",
       [](const std::string&) { return Reply("SSH-2.0-OpenSSH_9.2\r\n", Then::kClose); },
       ErrorCode::kEngineTimeout, ErrorCode::kEngineTimeout},
      {"cuts its JSON short",
       [](const std::string&) { return Reply(ScriptedServer::Http(200, R"({"jobs":[{"jid":"a)")); },
       ErrorCode::kEngineError, ErrorCode::kEngineError},
      {"says too long a length",
       [](const std::string&) {
         return Reply("HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n{\"jobs\":[]}", Then::kClose);
       },
       ErrorCode::kEngineTimeout, ErrorCode::kEngineTimeout},
      {"says too short a length",
       [](const std::string&) {
         return Reply("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n{\"jobs\":[]}", Then::kClose);
       },
       ErrorCode::kEngineError, ErrorCode::kEngineError},
      {"ends in the middle of a chunk",
       [](const std::string&) {
         return Reply("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{\"jobs\":",
                      Then::kClose);
       },
       ErrorCode::kEngineTimeout, ErrorCode::kEngineTimeout},
      {"drips", [](const std::string& request) { return Reply(Healthy(request), Then::kDrip); },
       ErrorCode::kEngineTimeout, ErrorCode::kEngineTimeout},
      {"sends elsewhere",
       [](const std::string&) {
         return Reply(
             "HTTP/1.1 307 Temporary Redirect\r\nLocation: http://127.0.0.1:1/\r\n"
             "Content-Length: 0\r\n\r\n",
             Then::kClose);
       },
       ErrorCode::kEngineError, ErrorCode::kEngineError},
  };
  return faults;
}

std::size_t OpenDescriptors() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

RestTimings Short() {
  return {.look = kDeadline, .act = kDeadline, .log = kDeadline, .connect = kDeadline};
}

/// Far above what a held deadline takes, far below what one takes that is not.
constexpr std::chrono::seconds kPatience{5};

class Wire : public testing::Test {
 protected:
  base::Status Call(const Verb& verb, const std::string& address) {
    FlinkRest rest(Short());
    FlinkJobs jobs(rest, clock_);
    const auto start = std::chrono::steady_clock::now();
    base::Status status = verb.call(jobs, {"c", {address}}, {});
    EXPECT_LT(std::chrono::steady_clock::now() - start, kPatience) << "the deadline was not held";
    return status;
  }

  struct Called {
    const Verb& verb;
    base::Status status;
  };
  /// All verbs at once, each with connections of its own.
  std::vector<Called> CallAll(const std::string& address) {
    std::vector<std::future<base::Status>> calls;
    for (const Verb& verb : Verbs()) {
      calls.push_back(std::async(std::launch::async, [&] { return Call(verb, address); }));
    }
    std::vector<Called> called;
    for (std::size_t i = 0; i < calls.size(); ++i) {
      called.push_back({Verbs()[i], calls[i].get()});
    }
    return called;
  }

  base::ManualClock clock_;
};

TEST_F(Wire, EveryVerbWorksOverAHealthyOne) {
  ScriptedServer server(
      [](const std::string& request) { return Reply(Healthy(request), Then::kKeep); });
  for (const Verb& verb : Verbs()) {
    const base::Status status = Call(verb, server.url());
    EXPECT_TRUE(status.ok()) << verb.name << ": " << status.error().ToString();
  }
}

TEST_F(Wire, EveryVerbTellsWhatItDoesNotKnow) {
  const std::size_t before = OpenDescriptors();
  for (const AnswerFault& fault : AnswerFaults()) {
    ScriptedServer server(fault.answer);
    for (const auto& [verb, status] : CallAll(server.url())) {
      SCOPED_TRACE(std::string(verb.name) + " of one that " + fault.name);
      ASSERT_FALSE(status.ok());
      const ErrorCode expected = verb.kind == Verb::Kind::kLook ? fault.look : fault.act;
      EXPECT_EQ(status.error().code(), expected) << status.error().ToString();
    }
  }
  EXPECT_EQ(OpenDescriptors(), before);
}

TEST_F(Wire, EveryVerbKeepsWhatANetworkLosesApartFromStates) {
  using Kind = FaultProxy::Fault::Kind;
  ScriptedServer server(
      [](const std::string& request) { return Reply(Healthy(request), Then::kKeep); });
  struct Row {
    const char* name;
    FaultProxy::Fault fault;
    std::optional<ErrorCode> expected;  // absent: it works
  };
  const std::vector<Row> rows = {
      {"refuses", {Kind::kRefuse}, ErrorCode::kClusterUnreachable},
      {"swallows", {Kind::kSwallow}, ErrorCode::kEngineTimeout},
      {"loses requests", {Kind::kLoseRequests}, ErrorCode::kEngineTimeout},
      {"loses answers", {Kind::kLoseAnswers}, ErrorCode::kEngineTimeout},
      {"is slow", {.kind = Kind::kDelay, .delay = base::Millis(5)}, std::nullopt},
      {"is too slow",
       {.kind = Kind::kDelay, .delay = base::Millis(600)},
       ErrorCode::kEngineTimeout},
      {"cuts at once", {Kind::kCut, 0}, ErrorCode::kEngineTimeout},
      {"cuts in the head", {Kind::kCut, 20}, ErrorCode::kEngineTimeout},
      {"cuts in the body", {Kind::kCut, 60}, ErrorCode::kEngineTimeout},
      {"ends in the body", {Kind::kEnd, 60}, ErrorCode::kEngineTimeout},
      {"is half open in the head", {Kind::kHalfOpen, 20}, ErrorCode::kEngineTimeout},
      {"is half open in the body", {Kind::kHalfOpen, 60}, ErrorCode::kEngineTimeout},
  };
  FaultProxy proxy(server.port());
  for (const Row& row : rows) {
    proxy.Set(row.fault);
    for (const auto& [verb, status] : CallAll(proxy.url())) {
      SCOPED_TRACE(std::string(verb.name) + " over one that " + row.name);
      EXPECT_EQ(status.ok(), !row.expected) << (status.ok() ? "" : status.error().ToString());
      if (!status.ok() && row.expected) {
        EXPECT_EQ(status.error().code(), *row.expected) << status.error().ToString();
      }
    }
  }
}

TEST_F(Wire, NoPartOfAnAnswerIsTakenForTheWhole) {
  // Cut after every byte of the longest look that people act upon.
  ScriptedServer server(
      [](const std::string& request) { return Reply(Healthy(request), Then::kKeep); });
  FaultProxy proxy(server.port());
  const std::size_t whole = Healthy("GET /jobs/overview ").size();
  for (std::size_t bytes = 0; bytes < whole; bytes += 37) {
    proxy.Set({FaultProxy::Fault::Kind::kEnd, static_cast<std::int64_t>(bytes)});
    FlinkRest rest(Short());
    FlinkJobs jobs(rest, clock_);
    const auto found = jobs.Find({"c", {proxy.url()}}, kJob, {});
    ASSERT_FALSE(found.ok()) << "after " << bytes << " bytes of " << whole;
    EXPECT_EQ(found.error().code(), ErrorCode::kEngineTimeout);
  }
}

TEST_F(Wire, EveryVerbEndsAtOnceWhenItIsNotWantedAnyMore) {
  for (const Verb& verb : Verbs()) {
    std::atomic<bool> told = false;
    std::latch asked(1);
    ScriptedServer server([&](const std::string&) {
      if (!told.exchange(true)) {
        asked.count_down();
      }
      return Reply("");
    });
    FlinkRest rest;  // with the deadlines of production
    FlinkJobs jobs(rest, clock_);
    std::stop_source stop;
    const std::jthread stopper([&] {
      asked.wait();
      stop.request_stop();
    });
    // Observe has the deadline of its caller, which is short here.
    const base::Status status =
        std::string_view(verb.name) == "Observe"
            ? StatusOf(jobs.Observe({"c", {server.url()}}, base::Millis(60'000), stop.get_token()))
            : verb.call(jobs, {"c", {server.url()}}, stop.get_token());
    ASSERT_FALSE(status.ok()) << verb.name;
    EXPECT_EQ(status.error().code(), ErrorCode::kCancelled) << verb.name;
  }
}

TEST_F(Wire, PartsThatHangCostOneDeadlineAndNotOneEach) {
  // The graph comes, its metrics hang: as many requests as it has vertices would hang too.
  std::atomic<int> metrics = 0;
  ScriptedServer server([&](const std::string& request) {
    if (request.find("/vertices/") != std::string::npos ||
        (request.starts_with("GET /taskmanagers/"))) {
      ++metrics;
      return Reply("");
    }
    return Reply(Healthy(request), Then::kKeep);
  });
  FlinkRest rest(Short());
  FlinkJobs jobs(rest, clock_);
  const Endpoint cluster{"c", {server.url()}};
  const auto start = std::chrono::steady_clock::now();
  EXPECT_TRUE(jobs.Graph(cluster, kJob, {}).ok()) << "a graph without rates is better than none";
  EXPECT_TRUE(jobs.ListTaskManagers(cluster, {}).ok());
  EXPECT_EQ(metrics, 2);
  EXPECT_LT(std::chrono::steady_clock::now() - start, kPatience);
}

TEST_F(Wire, AHugeAnswerIsNotTaken) {
  ScriptedServer server([](const std::string&) {
    return Reply(ScriptedServer::Http(200, std::string((32U << 20U) + 1, ' ')));
  });
  FlinkRest rest;
  FlinkJobs jobs(rest, clock_);
  EXPECT_EQ(jobs.Find({"c", {server.url()}}, kJob, {}).error().code(), ErrorCode::kEngineError);
}

TEST_F(Wire, AConnectionThatTheServerEndsBetweenRequestsIsMadeAnew) {
  ScriptedServer server([](const std::string& request) {
    return Reply(Healthy(request), Then::kClose);  // says nothing of it in its head
  });
  FlinkRest rest(Short());
  FlinkJobs jobs(rest, clock_);
  for (int i = 0; i < 20; ++i) {
    const auto found = jobs.Find({"c", {server.url()}}, kJob, {});
    ASSERT_TRUE(found.ok()) << found.error().ToString();
    ASSERT_TRUE(jobs.Cancel({"c", {server.url()}}, kJob, {}).ok());
  }
  EXPECT_EQ(server.requests(), 40);
}

TEST_F(Wire, OneAddressThatHangsHidesNoOther) {
  ScriptedServer hanging([](const std::string&) { return Reply(""); });
  ScriptedServer leader(
      [](const std::string& request) { return Reply(Healthy(request), Then::kKeep); });
  FlinkRest rest(Short());
  FlinkJobs jobs(rest, clock_);
  const Endpoint cluster{"c", {hanging.url(), leader.url()}};
  EXPECT_TRUE(jobs.Find(cluster, kJob, {}).ok());
  EXPECT_EQ(rest.PreferredAddress(cluster), leader.url());
}

TEST_F(Wire, AnActThatMayHaveArrivedIsSentToNobodyElse) {
  ScriptedServer broken([](const std::string&) { return Reply("", Then::kReset); });
  ScriptedServer other(
      [](const std::string& request) { return Reply(Healthy(request), Then::kKeep); });
  FlinkRest rest(Short());
  FlinkJobs jobs(rest, clock_);
  const auto triggered = jobs.Trigger({"c", {broken.url(), other.url()}}, StopWithSavepoint(), {});
  ASSERT_FALSE(triggered.ok());
  EXPECT_EQ(triggered.error().code(), ErrorCode::kEngineTimeout);
  EXPECT_EQ(other.requests(), 0);
}

// ------------------------------------------------------------------------------------------------

TEST_F(Wire, ABreakdownAfterTheEffectIsNoRefusal) {
  std::atomic<bool> known = true;
  ScriptedServer server([&](const std::string& request) {
    if (request.starts_with("GET")) {
      return Reply(known ? ScriptedServer::Http(200, R"({"status":{"id":"IN_PROGRESS"}})")
                         : ScriptedServer::Http(404, TestText("2.3.0/no_job.json")));
    }
    return Reply(ScriptedServer::Http(500, R"({"errors":["AskTimeoutException: timed out"]})"));
  });
  FlinkRest rest(Short());
  FlinkJobs jobs(rest, clock_);
  const Endpoint cluster{"c", {server.url()}};
  EXPECT_TRUE(jobs.Trigger(cluster, StopWithSavepoint(), {}).ok())
      << "the engine knows the trigger";
  known = false;
  const auto refused = jobs.Trigger(cluster, StopWithSavepoint(), {});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), ErrorCode::kEngineError) << "the engine does not know it";
  EXPECT_NE(refused.error().ToString().find("timed out"), std::string::npos);
}

TEST_F(Wire, ACancelThatBrokeDownIsLookedAfter) {
  std::string state = "CANCELLING";
  ScriptedServer server([&](const std::string& request) {
    return request.starts_with("GET")
               ? Reply(ScriptedServer::Http(200, R"({"jobs":[{"jid":")" + kJob + R"(","state":")" +
                                                     state + R"(","tasks":{"total":1}}]})"))
               : Reply(ScriptedServer::Http(500, R"({"errors":["Job cancellation timed out."]})"));
  });
  FlinkRest rest(Short());
  FlinkJobs jobs(rest, clock_);
  const Endpoint cluster{"c", {server.url()}};
  EXPECT_TRUE(jobs.Cancel(cluster, kJob, {}).ok());
  state = "CANCELED";
  EXPECT_TRUE(jobs.Cancel(cluster, kJob, {}).ok());
  state = "RUNNING";
  EXPECT_EQ(jobs.Cancel(cluster, kJob, {}).error().code(), ErrorCode::kEngineError);
}

TEST_F(Wire, ASlowSavepointIsInProgressAndAnExpiredOneUnknown) {
  std::atomic<int> looks = 0;
  ScriptedServer server([&](const std::string&) {
    const int look = looks++;
    return Reply(look < 3   ? ScriptedServer::Http(200, R"({"status":{"id":"IN_PROGRESS"}})")
                 : look < 4 ? ScriptedServer::Http(200, TestText("2.3.0/savepoint_done.json"))
                            : ScriptedServer::Http(404, TestText("2.3.0/no_job.json")));
  });
  FlinkRest rest(Short());
  FlinkJobs jobs(rest, clock_);
  const auto look = [&] {
    return jobs.ObserveTrigger({"c", {server.url()}}, kJob, kTriggerId, {}).value().state;
  };
  for (const Trigger expected : {Trigger::kInProgress, Trigger::kInProgress, Trigger::kInProgress,
                                 Trigger::kCompleted, Trigger::kUnknown}) {
    EXPECT_EQ(look(), expected);
  }
}

TEST_F(Wire, OfOneIdTwiceTheOneThatLivesIsTold) {
  const auto listed = [](const char* state) {
    return R"({"jid":")" + kJob + R"(","state":")" + state +
           R"(","tasks":{"total":1,"running":1}})";
  };
  const std::vector<std::pair<const char*, const char*>> orders = {{"FINISHED", "RUNNING"},
                                                                   {"RUNNING", "FINISHED"}};
  for (const auto& [first, second] : orders) {
    ScriptedServer server([&, one = first, two = second](const std::string& request) {
      return Reply(
          request.starts_with("GET /jobs/")
              ? ScriptedServer::Http(200, R"({"jobs":[)" + listed(one) + "," + listed(two) + "]}")
              : Healthy(request),
          Then::kClose);
    });
    FlinkRest rest(Short());
    FlinkJobs jobs(rest, clock_);
    const auto seen = jobs.Observe({"c", {server.url()}}, kDeadline, {});
    ASSERT_TRUE(seen.ok());
    ASSERT_EQ(seen->jobs.size(), 1U);
    EXPECT_EQ(seen->jobs[0].state, EngineState::kRunning);
    EXPECT_EQ(jobs.Find({"c", {server.url()}}, kJob, {}).value()->state, EngineState::kRunning);
  }
}

TEST_F(Wire, WhatRunsAgainAfterItsEndIsToldAsItIs) {
  std::atomic<bool> again = false;
  ScriptedServer server([&](const std::string&) {
    return Reply(ScriptedServer::Http(200, R"({"jobs":[{"jid":")" + kJob + R"(","state":")" +
                                               (again ? "RUNNING" : "FAILED") +
                                               R"(","tasks":{"total":1,"running":1}}]})"));
  });
  FlinkRest rest(Short());
  FlinkJobs jobs(rest, clock_);
  EXPECT_EQ(jobs.Find({"c", {server.url()}}, kJob, {}).value()->state, EngineState::kFailed);
  again = true;
  EXPECT_EQ(jobs.Find({"c", {server.url()}}, kJob, {}).value()->state, EngineState::kRunning);
}

}  // namespace
}  // namespace streampark::flink
