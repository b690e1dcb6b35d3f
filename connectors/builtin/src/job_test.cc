// SPDX-License-Identifier: Apache-2.0
// Jobs over the connectors of this tree, in processes that are killed.
#include <atomic>
#include <csignal>
#include <filesystem>
#include <mutex>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "streampark/base/temporary_folder.h"
#include "streampark/connectors/builtin.h"
#include "streampark/core.h"
#include "streampark/core/native_job.h"

namespace streampark::connectors {
namespace {

using namespace std::chrono_literals;

struct Order {
  std::int64_t id = 0;
  std::string country;
};
SP_RECORD(Order, id, country);

constexpr std::int64_t kOrders = 30'000;

class JobOfFiles {
 public:
  JobOfFiles(std::filesystem::path folder, std::string format)
      : folder_(std::move(folder)), format_(std::move(format)) {}

  /// Goes on from its newest checkpoint, and ends this process when it has seen so many orders.
  base::Status Write(int parallelism, std::int64_t dies_after) {
    StreamContext context(
        Setup("generator.source.orders:\n"
              "  rows: " +
              std::to_string(kOrders) +
              "\n"
              "  splits: 6\n"
              "  batch.rows: 50\n"
              "  fields.id.kind: sequence\n"
              "  fields.country: {kind: choice, values: 'de,cn,fr'}\n"
              "file.sink.written: {path: '" +
              Out() + "', format: " + format_ + "}\n"));
    auto seen = std::make_shared<std::atomic<std::int64_t>>(0);
    context.Source<Order>("orders")
        .Map([seen, dies_after](const Order& order) {
          if (++*seen == dies_after) {
            ::raise(SIGKILL);
          }
          return order;
        })
        .SinkTo("written");
    return Run(context, {.parallelism = parallelism,
                         .checkpoint_interval = 1ms,
                         .checkpoint_folder = folder_ / "checkpoints"});
  }

  /// How often each order stands in the files.
  std::vector<int> Read() {
    StreamContext context(Setup("file.source.orders: {path: '" + Out() + "', format: " + format_ +
                                ", split.size: 1KiB}\n"));
    auto counts = std::make_shared<std::vector<std::atomic<int>>>(kOrders);
    context.Source<Order>("orders").ForEach(
        "count", [counts](const Order& order) { ++(*counts)[static_cast<std::size_t>(order.id)]; });
    const auto ran = Run(context, {.parallelism = 2});
    EXPECT_TRUE(ran.ok()) << ran.error().ToString();
    return {counts->begin(), counts->end()};
  }

  std::string Out() const { return (folder_ / "out").string(); }

 private:
  StreamContext::Setup Setup(const std::string& yaml) {
    return {.name = "orders",
            .config = JobConfig::Parse(yaml, "application.yml").value(),
            .connectors = &connectors_,
            .clock = &clock_};
  }
  base::Status Run(const StreamContext& context, core::NativeOptions options) {
    auto job = core::NativeJob::Make(context.plan(), std::move(options), clock_, random_);
    return job.ok() ? (*job)->Run({}) : base::Status(std::move(job).error());
  }

  const std::filesystem::path folder_;
  const std::string format_;
  const ConnectorRegistry connectors_ = BuiltinConnectors();
  base::SystemClock clock_;
  base::SecureRandom random_;
};

class FilesOfAJob : public ::testing::TestWithParam<const char*> {};

TEST_P(FilesOfAJob, EachRowIsInOneFileOnceHoweverOftenItIsKilled) {
  for (const std::int64_t step : {1'700, 4'100, 9'000}) {
    const auto folder = base::TemporaryFolder::Create().value();
    int killed = 0;
    for (std::int64_t dies_after = step;; dies_after += step) {
      const pid_t child = ::fork();
      if (child == 0) {
        const auto ran = JobOfFiles(folder.path(), GetParam()).Write(1 + killed % 3, dies_after);
        EXPECT_TRUE(ran.ok()) << ran.error().ToString();
        ::_exit(ran.ok() ? 0 : 1);
      }
      int status = 0;
      ASSERT_EQ(::waitpid(child, &status, 0), child);
      if (!WIFSIGNALED(status)) {
        ASSERT_EQ(status, 0);
        break;
      }
      ++killed;
    }
    EXPECT_GT(killed, 1);
    JobOfFiles job(folder.path(), GetParam());
    EXPECT_EQ(job.Read(), std::vector<int>(kOrders, 1)) << "killed " << killed << " times";
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(job.Out() + "/.streampark")) {
      EXPECT_TRUE(entry.is_directory() || entry.path().filename() == "committed") << entry.path();
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Formats, FilesOfAJob, ::testing::Values("csv", "parquet"));

}  // namespace
}  // namespace streampark::connectors
