// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "streampark/console/caller.h"

namespace streampark::http {

/// The body of an upload, written aside by the server before the handler runs. Deleted with the
/// request unless the handler has moved it away.
struct SpooledBody {
  std::filesystem::path file;
  std::uint64_t size = 0;
};

/// A request as handlers see it: parsed, authenticated and permitted.
struct Request {
  std::string method;  // upper case
  std::string path;    // decoded, without the query
  std::vector<std::pair<std::string_view, std::string>> path_parameters;  // decoded
  std::vector<std::pair<std::string, std::string>> query;                 // decoded, in order
  std::vector<std::pair<std::string, std::string>> headers;               // names in lower case
  std::string body;
  std::optional<SpooledBody> upload;  // for operations of application/octet-stream, instead of body
  console::Caller caller;
  /// The team of the thing that the path names, found by the router; empty for shared things and
  /// where the path names nothing.
  std::string team_id;
  std::string address;   // of the client
  std::string trace_id;  // also in the answer and the log
  bool secure = false;   // came over TLS
  /// Requested when the server shuts down.
  std::stop_token stop;

  /// The value of a {name} of the path; it is always there for the names of the route.
  const std::string& PathParameter(std::string_view name) const;
  /// Absent when it was not given.
  std::optional<std::string_view> Query(std::string_view name) const;
  /// Empty when it was not given.
  std::string_view Header(std::string_view lower_case_name) const;
};

}  // namespace streampark::http
