// SPDX-License-Identifier: Apache-2.0
// A process that writes a topic is killed at each request by which it changes something there, and started again.
#include <csignal>
#include <filesystem>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "streampark/base/temporary_folder.h"
#include "streampark/connectors/kafka.h"
#include "streampark/connectors/testing/crash_job.h"
#include "streampark/connectors/testing/rows.h"

#include "mortal_proxy.h"
#include "running_kafka.h"
#include "transaction_client.h"

namespace streampark::connectors::kafka {
namespace {

using connectors::testing::SchemaOf;
using connectors::testing::Sorted;
using connectors::testing::Strings;
using it::MortalProxy;

SchemaPtr Columns() { return SchemaOf("n BIGINT NOT NULL"); }

bool RunJob(const std::filesystem::path& checkpoint_file, const std::string& topic,
            const std::string& brokers) {
  connectors::testing::Fate lives(1'000'000);
  return connectors::testing::RunSinkJob(*MakeKafkaConnector(),
                                         {{"bootstrap.servers", brokers},
                                          {"topic", topic},
                                          {"format", "csv"},
                                          {"transactional.id.prefix", "crash-" + topic},
                                          {"properties.linger.ms", "0"}},
                                         Columns(), checkpoint_file, lives)
      .ok();
}

enum class End : std::uint8_t { kKilled, kFinished, kFailed };

class KafkaCrashIt : public ::testing::Test {
 protected:
  void SetUp() override { NewTarget(); }

  void NewTarget() {
    folder_ = base::TemporaryFolder::Create().value();
    topic_ = it::NewTopic(2, "crash");
  }

  /// No threads but the proxy's are in this process when it forks.
  End Run(int dies_at, MortalProxy::When when) {
    const std::string brokers = it::ProxiedBrokers();
    proxy_.Arm(dies_at, when);
    const pid_t child = ::fork();
    if (child == 0) {
      ::_exit(RunJob(folder_.path() / "checkpoint", topic_, brokers) ? 0 : 1);
    }
    proxy_.Aim(child);
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) {
      return End::kKilled;
    }
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? End::kFinished : End::kFailed;
  }

  void ExpectAllOnce() {
    Strings expected;
    for (int n = 0; n < connectors::testing::kRowsOfASinkJob; ++n) {
      expected.push_back(std::to_string(n));
    }
    Strings found;
    for (const auto& record : it::ReadCommitted(topic_)) {
      found.push_back(record.value.value());
    }
    EXPECT_EQ(Sorted(found), Sorted(expected));
    TransactionClient client(WireSettings::From({{"bootstrap.servers", it::Brokers()}}).value());
    for (const auto& id : client.ListOpen({}).value()) {
      EXPECT_FALSE(id.starts_with("crash-" + topic_)) << id;
    }
  }

  MortalProxy proxy_;
  base::TemporaryFolder folder_ = base::TemporaryFolder::Create().value();
  std::string topic_;
};

constexpr int kNever = 1'000'000;

TEST_F(KafkaCrashIt, NoRowIsLostDoubledOrLeftHangingAtWhicheverRequestTheProcessIsKilled) {
  for (const auto when :
       {MortalProxy::When::kBeforeTheBroker, MortalProxy::When::kAfterTheBroker}) {
    int killed = 0;
    for (int dies_at = 0;; ++dies_at) {
      SCOPED_TRACE("killed at request " + std::to_string(dies_at) +
                   (when == MortalProxy::When::kAfterTheBroker ? ", answered" : ""));
      NewTarget();
      const End end = Run(dies_at, when);
      ASSERT_NE(end, End::kFailed);
      if (end == End::kKilled) {
        ++killed;
        ASSERT_EQ(Run(kNever, when), End::kFinished);
      }
      ExpectAllOnce();
      if (::testing::Test::HasFailure() || end == End::kFinished) {
        break;
      }
    }
    EXPECT_GT(killed, 20);
  }
}

TEST_F(KafkaCrashIt, KilledAgainAndAgainItStillEnds) {
  for (const int step : {2, 5, 9}) {
    SCOPED_TRACE("a step of " + std::to_string(step));
    NewTarget();
    End end = End::kKilled;
    // Each run gets a little further than the one before.
    for (int dies_at = step; end == End::kKilled; dies_at += step) {
      end = Run(dies_at, MortalProxy::When::kAfterTheBroker);
    }
    ASSERT_EQ(end, End::kFinished);
    ExpectAllOnce();
  }
}

}  // namespace
}  // namespace streampark::connectors::kafka
