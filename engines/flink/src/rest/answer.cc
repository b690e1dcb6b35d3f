// SPDX-License-Identifier: Apache-2.0
#include "rest/answer.h"

#include <array>
#include <cctype>
#include <string>
#include <utility>

namespace streampark::flink {
namespace {

using engines::TaskCounts;

constexpr std::array<std::pair<std::string_view, int TaskCounts::*>, 10> kTaskStates = {{
    {"created", &TaskCounts::created},
    {"scheduled", &TaskCounts::scheduled},
    {"deploying", &TaskCounts::deploying},
    {"initializing", &TaskCounts::initializing},
    {"running", &TaskCounts::running},
    {"finished", &TaskCounts::finished},
    {"canceling", &TaskCounts::canceling},
    {"canceled", &TaskCounts::canceled},
    {"failed", &TaskCounts::failed},
    {"reconciling", &TaskCounts::reconciling},
}};

}  // namespace

base::Error NotFlink(std::string_view what) {
  return base::Error(base::ErrorCode::kEngineError,
                     "the cluster's answer about " + std::string(what) + " is not Flink's")
      .WithHint("Check that the address is that of a Flink JobManager");
}

base::Result<const json::object*> ExpectObject(const json::value& answer, std::string_view what) {
  if (!answer.is_object()) {
    return NotFlink(what);
  }
  return &answer.get_object();
}

base::Result<const json::array*> ExpectArray(const json::value& answer, std::string_view key,
                                             std::string_view what) {
  const json::object* object = SP_TRY(ExpectObject(answer, what));
  const json::array* array = json::FindArray(*object, key);
  if (array == nullptr) {
    return NotFlink(what);
  }
  return array;
}

std::optional<base::Timestamp> TimeOf(std::int64_t millis) {
  // Flink's "never" and "end of time" (Long.MIN_VALUE, Long.MAX_VALUE) are no dates; year 9999 ends
  // what people and JSON can read.
  constexpr std::int64_t kYear10000 = 253'402'300'800'000;
  if (millis <= 0 || millis >= kYear10000) {
    return std::nullopt;
  }
  return base::Timestamp(base::Millis(millis));
}

std::optional<base::Timestamp> FindTime(const json::object& in, std::string_view key) {
  return TimeOf(json::IntegerOr(in, key, -1));
}

TaskCounts ReadTaskCounts(const json::object& in) {
  TaskCounts counts;
  for (const auto& [word, member] : kTaskStates) {
    std::string upper(word);
    for (char& c : upper) {
      c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
    counts.*member = static_cast<int>(json::IntegerOr(in, word, json::IntegerOr(in, upper, 0)));
    counts.total += counts.*member;
  }
  counts.total = static_cast<int>(json::IntegerOr(in, "total", counts.total));
  return counts;
}

}  // namespace streampark::flink
