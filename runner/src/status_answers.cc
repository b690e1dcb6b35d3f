// SPDX-License-Identifier: Apache-2.0
#include "status_answers.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <utility>

#include "streampark/base/check.h"
#include "streampark/base/http_client.h"
#include "streampark/base/json.h"

#include "metrics_text.h"

namespace streampark::runner {
namespace {

constexpr std::int64_t kMostRows = 1'000;
constexpr std::int64_t kLongestSeconds = 5;

StatusServer::Answer Text(int status, std::string_view text) {
  return {.status = status,
          .content_type = "text/plain; charset=utf-8",
          .body = std::string(text) + "\n"};
}

int StatusOf(base::ErrorCode code) {
  switch (code) {
    case base::ErrorCode::kNotFound:
      return 404;
    case base::ErrorCode::kOperationInFlight:
      return 409;
    default:
      return 500;
  }
}

std::optional<std::string> Parameter(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const auto end = query.find('&');
    const auto one = query.substr(0, end);
    if (one.starts_with(name) && one.substr(name.size()).starts_with('=')) {
      return base::UrlDecode(one.substr(name.size() + 1), base::Plus::kIsBlank);
    }
    query = end == std::string_view::npos ? "" : query.substr(end + 1);
  }
  return std::nullopt;
}

/// 1 to `most`; absent when it is no such number.
std::optional<std::int64_t> Count(std::string_view query, std::string_view name,
                                  std::int64_t otherwise, std::int64_t most) {
  const auto text = Parameter(query, name);
  if (!text) {
    return otherwise;
  }
  std::int64_t count = 0;
  const auto read = std::from_chars(text->data(), text->data() + text->size(), count);
  const bool good = read.ec == std::errc() && read.ptr == text->data() + text->size();
  return good && count >= 1 && count <= most ? std::optional(count) : std::nullopt;
}

}  // namespace

StatusAnswers::StatusAnswers(std::string job, std::string plan, NativeRun& run,
                             base::Timestamp started, bool shows_rows)
    : job_(std::move(job)),
      plan_(std::move(plan)),
      run_(&run),
      started_(started),
      shows_rows_(shows_rows) {
  const auto parsed = json::Parse(plan_);
  SP_CHECK(parsed.ok());
  if (const auto* nodes = json::FindArray(parsed->as_object(), "nodes")) {
    for (const auto& node : *nodes) {
      const auto id = static_cast<int>(json::IntegerOr(node.as_object(), "id"));
      operators_.emplace(std::to_string(id), id);
      if (const auto name = json::StringOr(node.as_object(), "name"); !name.empty()) {
        operators_.insert_or_assign(name, id);
      }
    }
  }
}

StatusServer::Answer StatusAnswers::operator()(std::string_view path,
                                               std::string_view query) const {
  if (path == "/status") {
    return {.body = run_->Status()};
  }
  if (path == "/plan") {
    return {.body = plan_};
  }
  if (path == "/metrics") {
    return {.content_type = "text/plain; version=0.0.4; charset=utf-8",
            .body = MetricsText(job_, run_->Status(), started_)};
  }
  if (path == "/healthz") {
    const bool runs = PhaseOf(run_->Status()) == "RUNNING";
    return Text(runs ? 200 : 503, runs ? "ok" : "not running");
  }
  if (path == "/rows") {
    return Rows(query);
  }
  return Text(404, "there are /status, /metrics, /plan, /rows and /healthz");
}

StatusServer::Answer StatusAnswers::Rows(std::string_view query) const {
  if (!shows_rows_) {
    return Text(403, "rows are not shown here: set native.status.rows");
  }
  const auto name = Parameter(query, "operator");
  const auto most = Count(query, "rows", 10, kMostRows);
  const auto seconds = Count(query, "seconds", 2, kLongestSeconds);
  if (!name || !most || !seconds) {
    return Text(400, "ask for /rows?operator=NAME&rows=10&seconds=2: up to " +
                         std::to_string(kMostRows) + " rows and " +
                         std::to_string(kLongestSeconds) + " seconds");
  }
  const auto found = operators_.find(*name);
  if (found == operators_.end()) {
    std::string names;
    for (const auto& [one, id] : operators_) {
      names += (names.empty() ? "" : ", ") + one;
    }
    return Text(404, "there is no operator '" + *name + "'; there are: " + names);
  }
  auto rows =
      run_->Rows(found->second, static_cast<std::uint32_t>(*most), base::Millis(*seconds * 1'000));
  return rows.ok() ? StatusServer::Answer{.body = *std::move(rows) + "\n"}
                   : Text(StatusOf(rows.error().code()), rows.error().ToString());
}

}  // namespace streampark::runner
