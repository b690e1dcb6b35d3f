// SPDX-License-Identifier: Apache-2.0
//
// The adapters' contract, kept by Flink of each line.
#include <algorithm>
#include <fstream>

#include "streampark/engines/adapter_contract.h"

#include "running_cluster.h"

namespace streampark::flink {
namespace {

namespace fs = std::filesystem;

class FlinkUnderTest final : public engines::AdapterUnderTest {
 public:
  explicit FlinkUnderTest(const std::string& home) : cluster_(RunningCluster::Of(home)) {}

  engines::JobDriver& driver() override { return engine_.jobs; }
  engines::Endpoint cluster() override { return cluster_.endpoint(); }
  engines::Endpoint nobody() override { return {"nobody", {"http://127.0.0.1:1"}}; }
  base::Status Submit(const std::string& id, Kind kind,
                      const std::optional<engines::RestorePoint>& restore) override {
    if (kind == Kind::kCounting && !restore) {
      results_ = cluster_.plan.folder / ("contract-" + id);
    }
    engines::SubmitRequest request{.cluster = cluster(),
                                   .engine_job_id = id,
                                   .name = "contract " + id.substr(0, 6),
                                   .script = ScriptOf(kind),
                                   .options = {{"execution.checkpointing.interval", "500ms"},
                                               {"restart-strategy.type", "none"}},
                                   .parallelism = 1,
                                   .restore = restore,
                                   .global_parameters = {{kLabel, id}}};
    // A restored job finds its operators by the ids of one and the same plan.
    request.plan = SP_TRY(engine_.planner.Compile(cluster_.key(), request.script, {}, 1, {})).plan;
    return engine_.planner.Submit(cluster_.key(), request, {});
  }
  std::vector<std::int64_t> Counted() override {
    std::vector<std::int64_t> numbers;
    std::error_code error;
    for (fs::recursive_directory_iterator it(results_, error), end; !error && it != end;
         it.increment(error)) {
      if (it->is_regular_file() && !it->path().filename().string().starts_with('.')) {
        std::ifstream file(it->path());
        for (std::string line; std::getline(file, line);) {
          numbers.push_back(std::stoll(line.substr(line.find(':') + 1)));
        }
      }
    }
    std::sort(numbers.begin(), numbers.end());  // files have no order
    return numbers;
  }
  std::string forbidden_folder() override { return "file:///proc/nowhere"; }

 private:
  std::string ScriptOf(Kind kind) const {
    if (kind != Kind::kCounting) {
      const std::string number =
          kind == Kind::kFailing ? "CAST(CAST(id / 0 AS STRING) AS INT)" : "id";
      return "CREATE TABLE src (id INT) WITH ('connector' = 'datagen', 'number-of-rows' = '10');\n"
             "CREATE TABLE snk (n INT) WITH ('connector' = 'blackhole');\n"
             "INSERT INTO snk SELECT " +
             number + " FROM src;\n";
    }
    return "CREATE TABLE numbers (id BIGINT) WITH ('connector' = 'datagen', 'rows-per-second' = "
           "'200', 'fields.id.kind' = 'sequence', 'fields.id.start' = '1', 'fields.id.end' = "
           "'1000000');\n"
           "CREATE TABLE results (id BIGINT) WITH ('connector' = 'filesystem', 'path' = 'file://" +
           results_.string() +
           "', 'format' = 'json', 'sink.rolling-policy.rollover-interval' = '500 ms', "
           "'sink.rolling-policy.check-interval' = '200 ms');\n"
           "INSERT INTO results SELECT id FROM numbers;\n";
  }

  RunningCluster& cluster_;
  engines::Engine engine_ = RunningCluster::Engine().engine();
  fs::path results_ = cluster_.plan.folder / "nothing-counted";
};

std::vector<std::function<std::shared_ptr<engines::AdapterUnderTest>()>> Lines() {
  std::vector<std::function<std::shared_ptr<engines::AdapterUnderTest>()>> lines;
  for (const std::string& home : HomesUnderTest()) {
    lines.emplace_back([home] { return std::make_shared<FlinkUnderTest>(home); });
  }
  return lines;
}

}  // namespace
}  // namespace streampark::flink

namespace streampark::engines {
INSTANTIATE_TEST_SUITE_P(Flink, AdapterContract, testing::ValuesIn(flink::Lines()));
}  // namespace streampark::engines
