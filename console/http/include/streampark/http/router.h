// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "streampark/api/routes.h"
#include "streampark/base/result.h"
#include "streampark/http/request.h"
#include "streampark/http/response.h"

namespace streampark::http {

using Handler = std::function<base::Result<Response>(const Request&)>;

/// Where a handler runs.
enum class Execution {
  kInline,  // on the network's thread: answers from memory in microseconds, never blocks
  kPool     // on the bounded pool: may use the database, an engine, a child process
};

/// What became of one request, for the audit trail.
struct Outcome {
  const api::Route* route;
  const Request* request;
  std::string_view target;  // the thing: its id, or what the handler named
  std::string_view team_id;
  std::string_view code;  // OK or the error's code
};

/// Finds the handler of a request and lets it run only when the caller may. The routes, their
/// permissions and scopes come from api/openapi.yaml alone. Set up by one thread, then read-only.
class Router {
 public:
  /// The team of the thing with this id: empty for a shared one, NOT_FOUND when there is none. Runs
  /// where the handler runs; those of inline handlers must answer from memory.
  using TeamResolver = std::function<base::Result<std::string>(std::string_view id)>;

  Router();
  /// Routes other than the generated ones, for tests.
  explicit Router(std::span<const api::Route> routes);
  ~Router();
  Router(const Router&) = delete;
  Router& operator=(const Router&) = delete;

  /// Aborts for an operation id that the contract does not have, or that is bound already.
  void Bind(std::string_view operation_id, Handler handler, Execution execution = Execution::kPool);
  /// Says how the team of what `{parameter}` names is found. In a path with several parameters the
  /// first one with a resolver decides.
  void ResolveTeam(std::string_view parameter, TeamResolver resolver);
  /// Hears of every operation that changes something (any method but GET), allowed or not.
  void OnOutcome(std::function<void(const Outcome&)> listener);

  /// CONFIG_INVALID naming each operation without a handler and each team route whose team cannot
  /// be found. Call it before serving.
  base::Status CheckComplete() const;

  struct Match {
    const api::Route* route = nullptr;
    const Handler* handler = nullptr;
    Execution execution = Execution::kPool;
    std::size_t index = 0;  // among the routes: for counters
    std::vector<std::pair<std::string_view, std::string>> path_parameters;
  };
  /// NOT_FOUND, or METHOD_NOT_ALLOWED (with the allowed ones as its hint).
  base::Result<Match> Find(std::string_view method, std::string_view path) const;

  /// Checks sign-in, permission and team, then runs the handler. `request` holds the caller.
  base::Result<Response> Run(const Match& match, Request& request) const;

  std::span<const api::Route> routes() const { return routes_; }

 private:
  struct Entry;
  base::Status Permit(const api::Route& route, Request& request) const;

  std::span<const api::Route> routes_;
  std::vector<Entry> entries_;
  std::map<std::string, TeamResolver, std::less<>> resolvers_;
  std::function<void(const Outcome&)> on_outcome_;
};

}  // namespace streampark::http
