// SPDX-License-Identifier: Apache-2.0
#include "streampark/pump/verify.h"

#include <algorithm>
#include <utility>

#include "streampark/base/random.h"
#include "streampark/core/job_options.h"
#include "streampark/pump/table_plan.h"

#include "compared_table.h"
#include "table_comparison.h"

namespace streampark::pump {
namespace {

using Kind = TableVerdict::Kind;

std::string WhyOf(const base::Error& error) {
  return error.message() + (error.cause().empty() ? "" : " (" + error.cause() + ")") +
         (error.hint().empty() ? "" : "; " + error.hint());
}

/// Tables that go into one target, and what is said of them.
struct Pairing {
  TableVerdict verdict;
  std::vector<TablePlan> plans;
};

std::vector<Pairing> PairTables(TablePlanner& planner,
                                const std::vector<connectors::TableId>& tables) {
  std::vector<Pairing> pairings;
  for (const connectors::TableId& table : tables) {
    auto plan = planner.Plan(table);
    if (!plan.ok()) {
      Pairing& alone = pairings.emplace_back();
      alone.verdict.sources = {table.schema.empty() ? table.table
                                                    : table.schema + "." + table.table};
      alone.verdict.why_unknown = WhyOf(plan.error());
      continue;
    }
    const auto same = std::ranges::find_if(
        pairings, [&](const Pairing& one) { return one.verdict.target == plan->to_name; });
    Pairing& into = same != pairings.end() ? *same : pairings.emplace_back();
    into.verdict.target = plan->to_name;
    into.verdict.sources.push_back(plan->part);
    into.plans.push_back(*std::move(plan));
  }
  return pairings;
}

base::Status Compare(const TablePlanner& planner, TableComparison::Setup setup, Pairing& pairing) {
  TableVerdict& verdict = pairing.verdict;
  const auto table = SP_TRY(ComparedTable::Make(planner, std::move(pairing.plans)));
  verdict.key.assign(table->columns().begin(),
                     table->columns().begin() + static_cast<long>(table->key_columns()));
  verdict.left_out = table->left_out();
  return TableComparison(*table, std::move(setup)).Run(verdict);
}

}  // namespace

base::Result<VerifyReport> Verify(const PumpFile& file,
                                  const connectors::ConnectorRegistry& connectors,
                                  const base::Clock& clock, const VerifyOptions& options,
                                  const std::function<void(const VerifyProgress&)>& tell,
                                  std::stop_token stop) {
  const auto planner = SP_TRY(TablePlanner::Make(file, connectors, clock));
  const auto native = SP_TRY(core::NativeOptionsFrom(file.config, file.name));
  const connectors::Connector* sink = SP_TRY(connectors.Find(file.sink));
  if (!sink->capabilities().source) {
    return base::Error(base::ErrorCode::kIllegalState,
                       "'" + file.sink + "' cannot be read, so nobody can say what it holds");
  }
  base::SecureRandom random;
  const RowHash hash(random);
  VerifyReport report;
  for (Pairing& pairing : PairTables(*planner, SP_TRY(planner->Find()))) {
    TableVerdict& verdict = pairing.verdict;
    if (verdict.why_unknown.empty() && stop.stop_requested()) {
      verdict.why_unknown = "it was stopped before this table";
    } else if (verdict.why_unknown.empty()) {
      const auto compared = Compare(*planner,
                                    {.options = options,
                                     .parallelism = native.parallelism,
                                     .clock = &clock,
                                     .hash = &hash,
                                     .tell = tell,
                                     .stop = stop},
                                    pairing);
      if (!compared.ok()) {
        verdict.kind = verdict.different_ranges > 0 ? Kind::kDifferent : Kind::kUnknown;
        verdict.why_unknown = WhyOf(compared.error());
      }
    }
    report.tables.push_back(std::move(verdict));
  }
  return report;
}

}  // namespace streampark::pump
