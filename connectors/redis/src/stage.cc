// SPDX-License-Identifier: Apache-2.0
#include "stage.h"

#include <array>

#include "streampark/base/digest.h"
#include "streampark/base/random.h"
#include "streampark/connectors/state_bytes.h"

namespace streampark::connectors::redis {
namespace {

constexpr std::uint16_t kStageVersion = 1;
constexpr std::size_t kJobDigits = 16;
constexpr std::string_view kStage = ":stage:";
constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::array<std::string_view, 3> kCommands = {"XADD", "RPUSH", "LPUSH"};

/// Where the job's digits begin in the name of a stage; npos when it is none.
std::size_t JobIn(std::string_view stage) {
  const auto at = stage.rfind(kStage);
  if (at == std::string_view::npos || at == 0) {
    return std::string_view::npos;
  }
  const std::string_view rest = stage.substr(at + kStage.size());
  const bool good = rest.size() > kJobDigits + 1 && rest[kJobDigits] == ':' &&
                    rest.substr(0, kJobDigits).find_first_not_of(kHex) == std::string_view::npos;
  return good ? at + kStage.size() : std::string_view::npos;
}

/// MessagePack's `str 32`.
void AppendText(std::string_view text, std::string& out) {
  const auto size = static_cast<std::uint32_t>(text.size());
  const char head[] = {static_cast<char>(0xdb), static_cast<char>(size >> 24),
                       static_cast<char>(size >> 16), static_cast<char>(size >> 8),
                       static_cast<char>(size)};
  out.append(head, sizeof head).append(text);
}

}  // namespace

std::string StageNames::JobOf(const WriterId& id) {
  return base::Sha256Hex(id.lineage + '\n' + id.sink).substr(0, kJobDigits);
}

std::string StageNames::NewStage(const std::string& prefix, const WriterId& id) {
  base::SecureRandom random;
  return prefix + std::string(kStage) + JobOf(id) + ":" + std::to_string(id.subtask) + ":" +
         base::RandomHex(random, 8);
}

std::string_view ToString(Addition::Command command) {
  return kCommands[static_cast<std::size_t>(command)];
}

StageNames PreparedStage::names() const {
  const std::size_t job = JobIn(stage);
  return {.prefix = stage.substr(0, job - kStage.size()), .job = stage.substr(job, kJobDigits)};
}

Committable PreparedStage::ToCommittable(int subtask, std::uint64_t sequence) const {
  StateWriter out;
  out.Text(stage).Number(rows).Text(ToString(addition.command)).Number(addition.max_length);
  return {.subtask = subtask, .sequence = sequence, .version = kStageVersion, .bytes = out.Take()};
}

base::Result<PreparedStage> PreparedStage::From(const Committable& committable) {
  StateReader in(committable.bytes);
  PreparedStage prepared;
  prepared.stage = in.Text();
  prepared.rows = in.Number();
  const std::string_view command = in.Text();
  prepared.addition.max_length = in.Number();
  bool known = false;
  for (std::size_t i = 0; i < kCommands.size(); ++i) {
    if (kCommands[i] == command) {
      prepared.addition.command = static_cast<Addition::Command>(i);
      known = true;
    }
  }
  if (committable.version != kStageVersion || !in.done() || !known || prepared.rows < 1 ||
      prepared.addition.max_length < 0 || JobIn(prepared.stage) == std::string::npos) {
    return base::Error(base::ErrorCode::kSnapshotInvalid,
                       "'" + committable.bytes + "' does not name rows of a Redis sink");
  }
  return prepared;
}

void AppendStaged(std::string_view key, const std::vector<std::string_view>& words,
                  std::string& out) {
  AppendText(key, out);
  for (const std::string_view word : words) {
    AppendText(word, out);
  }
}

}  // namespace streampark::connectors::redis
