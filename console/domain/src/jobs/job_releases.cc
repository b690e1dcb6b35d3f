// SPDX-License-Identifier: Apache-2.0
#include "jobs/job_releases.h"

#include <algorithm>
#include <cctype>

namespace streampark::console {
namespace {

/// The words and quoted identifiers of one statement, comments left out.
class WordReader {
 public:
  explicit WordReader(std::string_view text) : text_(text) {}

  /// Empty at the end. Identifiers come without their quotes; dots join the parts of a path.
  std::string Next() {
    SkipBlanks();
    if (at_ >= text_.size()) {
      return "";
    }
    std::string word;
    for (;;) {
      if (text_[at_] == '`') {
        const std::size_t end = text_.find('`', at_ + 1);
        word += text_.substr(at_ + 1, end == std::string_view::npos ? end : end - at_ - 1);
        at_ = end == std::string_view::npos ? text_.size() : end + 1;
      } else {
        const std::size_t start = at_;
        while (at_ < text_.size() && IsWordLetter(text_[at_])) {
          ++at_;
        }
        if (at_ == start) {
          ++at_;
        }
        word += text_.substr(start, at_ - start);
      }
      if (at_ >= text_.size() || text_[at_] != '.') {
        return word;
      }
      word += '.';
      if (++at_ >= text_.size()) {
        return word;
      }
    }
  }

 private:
  static bool IsWordLetter(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '$' ||
           static_cast<unsigned char>(c) >= 0x80;
  }
  void SkipBlanks() {
    while (at_ < text_.size()) {
      if (std::isspace(static_cast<unsigned char>(text_[at_])) != 0) {
        ++at_;
      } else if (text_.substr(at_, 2) == "--") {
        const std::size_t end = text_.find('\n', at_);
        at_ = end == std::string_view::npos ? text_.size() : end;
      } else if (text_.substr(at_, 2) == "/*") {
        const std::size_t end = text_.find("*/", at_ + 2);
        at_ = end == std::string_view::npos ? text_.size() : end + 2;
      } else {
        return;
      }
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

bool SameWord(const std::string& word, std::string_view upper) {
  return word.size() == upper.size() &&
         std::equal(word.begin(), word.end(), upper.begin(), [](char a, char b) {
           return std::toupper(static_cast<unsigned char>(a)) == b;
         });
}

/// The offset of a 1-based place; columns count UTF-16 units, which only matters on lines that hold
/// other letters before a statement's first word.
std::size_t OffsetOf(const std::string& text, int line, int column) {
  std::size_t at = 0;
  for (int i = 1; i < line; ++i) {
    const std::size_t end = text.find('\n', at);
    if (end == std::string::npos) {
      return text.size();
    }
    at = end + 1;
  }
  return std::min(text.size(), at + static_cast<std::size_t>(std::max(column - 1, 0)));
}

}  // namespace

base::Result<engines::Installation> PlannerInstallationOf(const ClusterPtr& cluster) {
  if (cluster == nullptr) {
    return base::Error(base::ErrorCode::kNotFound, "the job's cluster does not exist any more")
        .WithHint("choose another cluster");
  }
  if (!cluster->installation) {
    return base::Error(base::ErrorCode::kInstallationInvalid,
                       "no installed engine version fits the cluster " + cluster->spec.name)
        .WithHint("fetch or register version " + cluster->line + " of the engine");
  }
  return *cluster->installation;
}

base::Status CheckVersion(const JobSpec& spec, const Cluster& cluster) {
  if (spec.engine != cluster.spec.engine) {
    return base::Error(base::ErrorCode::kVersionMismatch,
                       "the job is for the engine " + spec.engine + ", and " + cluster.spec.name +
                           " is a cluster of " + cluster.spec.engine)
        .WithHint("choose a cluster of that engine")
        .WithField({"/spec/target/clusterId", "is of another engine", ""});
  }
  const std::string& version = cluster.version.empty() && cluster.installation
                                   ? cluster.installation->version
                                   : cluster.version;
  if (spec.version.empty() || version.empty() || spec.version == version ||
      version.starts_with(spec.version + ".") || version.starts_with(spec.version + "-")) {
    return base::Ok();
  }
  return base::Error(
             base::ErrorCode::kVersionMismatch,
             "the job asks for " + spec.version + ", but " + cluster.spec.name + " runs " + version)
      .WithHint("choose a cluster of that version, or leave the version out")
      .WithField({"/spec/version", "is not the target's (" + version + ")", ""});
}

std::vector<std::string> SinksOf(const std::string& sql, const engines::SqlVerdict& verdict) {
  std::vector<std::string> sinks;
  for (const engines::SqlStatement& statement : verdict.statements) {
    if (statement.kind != "INSERT") {
      continue;
    }
    const std::size_t from = OffsetOf(sql, statement.range.line, statement.range.column);
    const std::size_t to = OffsetOf(sql, statement.range.end_line, statement.range.end_column);
    WordReader words(std::string_view(sql).substr(from, to > from ? to - from : 0));
    for (std::string word = words.Next(); !word.empty(); word = words.Next()) {
      if (SameWord(word, "INTO") || SameWord(word, "OVERWRITE")) {
        std::string name = words.Next();
        if (std::find(sinks.begin(), sinks.end(), name) == sinks.end()) {
          sinks.push_back(std::move(name));
        }
        break;
      }
    }
  }
  return sinks;
}

int SlotsNeeded(int parallelism, const Release& release) {
  int needed = parallelism;
  for (const engines::CompiledOperator& one : release.operators) {
    needed = std::max(needed, one.parallelism.value_or(0));
  }
  return needed;
}

}  // namespace streampark::console
