// SPDX-License-Identifier: Apache-2.0
#include "passages.h"

#include <cctype>
#include <filesystem>
#include <string_view>

#include "streampark/base/check.h"
#include "streampark/base/files.h"

namespace streampark::faults {
namespace {

constexpr std::size_t kLongestSource = 1U << 20U;

/// The literal that follows each `call` in the text, whatever space is between.
std::set<std::string> LiteralsAfter(std::string_view text, std::string_view call) {
  std::set<std::string> found;
  for (std::size_t at = text.find(call); at != text.npos; at = text.find(call, at + 1)) {
    std::size_t from = at + call.size();
    while (from < text.size() && std::isspace(static_cast<unsigned char>(text[from])) != 0) {
      ++from;
    }
    if (text[from] == '"') {
      found.emplace(text.substr(from + 1, text.find('"', from + 1) - from - 1));
    } else {
      found.emplace(text.substr(at, 60));
    }
  }
  return found;
}

void AddBoth(std::set<std::string>& points, const std::string& name) {
  points.insert(name + ".before");
  points.insert(name + ".after");
}

/// The fleet has no journal: what it writes down is what it goes on from.
void AddWritesOfFleet(std::set<std::string>& points, std::string_view text) {
  constexpr std::string_view kCall = "parts_.store.";
  for (std::size_t at = text.find(kCall); at != text.npos; at = text.find(kCall, at + 1)) {
    const std::string_view rest = text.substr(at + kCall.size());
    const std::string_view name = rest.substr(0, rest.find('('));
    if (!name.starts_with("Find") && !name.starts_with("List") && !name.starts_with("Load")) {
      AddBoth(points, "FLEET_" + std::string(name));
    }
  }
}

}  // namespace

std::set<std::string> PointsInSources() {
  std::set<std::string> points;
  for (const char* slice : {"jobs", "automation", "clusters"}) {
    for (const auto& entry :
         std::filesystem::directory_iterator(std::filesystem::path(SP_DOMAIN_SOURCES) / slice)) {
      const std::string name = entry.path().filename();
      if (entry.path().extension() != ".cc" || name.ends_with("_test.cc")) {
        continue;
      }
      const std::string text = base::ReadFile(entry.path(), kLongestSource).value();
      for (const char* call :
           {"journal.Look(", "journal_.Look(", "outside_.Pass(", "outside.Pass("}) {
        for (const std::string& verb : LiteralsAfter(text, call)) {
          AddBoth(points, verb);
        }
      }
      if (name.starts_with("fleet_")) {
        AddWritesOfFleet(points, text);
      }
      for (const char* call : {"context.IntentOf(", ".verb = "}) {
        for (const std::string& verb : LiteralsAfter(text, call)) {
          for (const char* part : {"INTENT_", "", "OUTCOME_", "OBSERVE_"}) {
            AddBoth(points, part + verb);
          }
        }
      }
    }
  }
  SP_CHECK(!points.empty());
  return points;
}

}  // namespace streampark::faults
