// SPDX-License-Identifier: Apache-2.0
#include "streampark/base/json.h"

#include "jobs/detail_answers.h"
#include "rest/answer.h"
#include "rest/java_trace.h"

namespace streampark::flink {
namespace {

constexpr std::size_t kMostExceptions = 100;
constexpr std::size_t kLongestTrace = 16U << 10U;

/// Names differ by line and by form: 1.x says `location` and, in the old form, `exception` and
/// `task`; 2.x says `endpoint`.
engines::ExceptionObservation ReadException(const json::object& in) {
  engines::ExceptionObservation exception;
  exception.at = FindTime(in, "timestamp").value_or(base::Timestamp());
  exception.task = json::StringOr(in, "taskName", json::StringOr(in, "task"));
  exception.location = json::StringOr(in, "endpoint", json::StringOr(in, "location"));
  exception.trace = json::StringOr(in, "stacktrace", json::StringOr(in, "exception"));
  exception.root_cause = RootCause(exception.trace);
  if (exception.root_cause.empty()) {
    exception.root_cause = json::StringOr(in, "exceptionName");
  }
  if (exception.trace.size() > kLongestTrace) {
    const std::size_t line_end = exception.trace.rfind('\n', kLongestTrace);
    exception.trace.resize(line_end == std::string::npos ? kLongestTrace : line_end);
  }
  return exception;
}

void Append(const json::array& list, std::vector<engines::ExceptionObservation>& exceptions) {
  for (const json::value& item : list) {
    if (!item.is_object() || exceptions.size() >= kMostExceptions) {
      continue;
    }
    exceptions.push_back(ReadException(item.get_object()));
    if (const json::array* others = json::FindArray(item.get_object(), "concurrentExceptions")) {
      Append(*others, exceptions);
    }
  }
}

}  // namespace

base::Result<std::vector<engines::ExceptionObservation>> ReadExceptions(const json::value& answer) {
  const json::object* in = SP_TRY(ExpectObject(answer, "the job's exceptions"));
  std::vector<engines::ExceptionObservation> exceptions;
  const json::object* history = json::FindObject(*in, "exceptionHistory");
  if (const json::array* entries =
          history == nullptr ? nullptr : json::FindArray(*history, "entries")) {
    Append(*entries, exceptions);
  }
  if (!exceptions.empty()) {
    return exceptions;
  }
  // A job that never got as far as a history (it failed to initialise) has the old form alone.
  if (const std::string root = json::StringOr(*in, "root-exception"); !root.empty()) {
    engines::ExceptionObservation exception;
    exception.at = FindTime(*in, "timestamp").value_or(base::Timestamp());
    exception.trace = root.substr(0, kLongestTrace);
    exception.root_cause = RootCause(root);
    exceptions.push_back(std::move(exception));
  }
  if (const json::array* all = json::FindArray(*in, "all-exceptions")) {
    Append(*all, exceptions);
  }
  return exceptions;
}

}  // namespace streampark::flink
