// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <boost/json/fwd.hpp>

#include "streampark/base/error.h"

namespace streampark::http {

/// Pieces of an answer that has no end: server-sent events. Made by a handler, driven by the
/// server.
class EventStream {
 public:
  virtual ~EventStream() = default;
  /// Called once, before the first Take(): `wake` may be called from any thread when there is more.
  virtual void OnWake(std::function<void()> wake) = 0;
  /// Appends what there is to `out`, perhaps nothing; false ends the stream. Must not block.
  virtual bool Take(std::string& out) = 0;
};

/// A file that is sent as it is.
struct FileBody {
  std::filesystem::path file;
};

struct Response {
  int status = 200;
  std::string content_type = "application/json";
  std::vector<std::pair<std::string, std::string>> headers = {};
  /// Shared bytes are sent without being copied.
  std::variant<std::string, std::shared_ptr<const std::string>, FileBody,
               std::unique_ptr<EventStream>>
      body = std::string();

  /// For the audit trail, when the path does not say it: the thing that was created and its team.
  std::string audit_target = {};
  std::string audit_team = {};

  static Response Json(const boost::json::value& value, int status = 200);
  static Response Json(std::shared_ptr<const std::string> bytes);
  static Response Text(std::string text, std::string content_type = "text/plain; charset=utf-8");
  static Response NoContent();

  Response&& WithHeader(std::string name, std::string value) &&;
  /// A strong entity tag, quoted by this function.
  Response&& WithETag(std::string_view tag) &&;
  Response&& WithAudit(std::string target, std::string team_id = {}) &&;
};

/// The problem document (RFC 9457) of an error: the one place where errors become HTTP.
Response ProblemOf(const base::Error& error, std::string_view trace_id);
/// The same document as JSON, for errors inside other answers (an operation's).
boost::json::object ProblemJson(const base::Error& error, std::string_view trace_id = {});

}  // namespace streampark::http
