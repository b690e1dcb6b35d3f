// SPDX-License-Identifier: Apache-2.0
#include "project_template.h"

#include <cctype>

namespace streampark::cli {

base::Result<ProjectNames> ProjectNames::Of(std::string_view name) {
  constexpr std::size_t kLongest = 60;
  ProjectNames names{.name = std::string(name), .target = {}, .job = {}};
  bool begins = true;
  for (const char c : name) {
    const bool letter = c >= 'a' && c <= 'z';
    const bool digit = c >= '0' && c <= '9';
    if (!letter && !(digit && !begins) && !(c == '-' && !begins)) {
      names.name.clear();
      break;
    }
    names.target.push_back(c == '-' ? '_' : c);
    if (c != '-') {
      names.job.push_back(begins ? static_cast<char>(std::toupper(static_cast<unsigned char>(c)))
                                 : c);
    }
    begins = c == '-';
  }
  if (names.name.empty() || begins || name.size() > kLongest) {
    return base::Error(base::ErrorCode::kInvalidRequest,
                       "`" + std::string(name) + "` is no name for a project")
        .WithHint("words of lower-case letters and digits, joined by a dash: carrier-delays");
  }
  return names;
}

std::string ProjectNames::PutInto(std::string_view text) const {
  std::string put(text);
  for (const auto& [place, value] :
       {std::pair<std::string_view, const std::string&>("@NAME@", name),
        {"@TARGET@", target},
        {"@JOB@", job}}) {
    for (auto at = put.find(place); at != put.npos; at = put.find(place, at + value.size())) {
      put.replace(at, place.size(), value);
    }
  }
  return put;
}

}  // namespace streampark::cli
