// SPDX-License-Identifier: Apache-2.0
#include "part_names.h"

#include <algorithm>

#include "streampark/base/digest.h"
#include "streampark/connectors/state_bytes.h"

namespace streampark::connectors::file {
namespace {

constexpr std::uint16_t kVersion = 1;
constexpr std::string_view kStagingRoot = ".streampark/";
constexpr std::size_t kLongName = 100;

bool IsPlain(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool IsOneName(std::string_view name) {
  return !name.empty() && name != "." && name != ".." && name.find('/') == std::string_view::npos &&
         name.find('\0') == std::string_view::npos;
}

}  // namespace

std::string EscapedName(std::string_view name) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string escaped;
  for (const char c : name) {
    if (IsPlain(c)) {
      escaped.push_back(c);
    } else {
      const auto byte = static_cast<unsigned char>(c);
      escaped.append({'%', kHex[byte >> 4], kHex[byte & 15]});
    }
  }
  if (escaped.size() > kLongName) {
    escaped = escaped.substr(0, kLongName - 17) + "%" + base::Sha256Hex(name).substr(0, 16);
  }
  return escaped;
}

std::string StagingOf(const WriterId& id) {
  return std::string(kStagingRoot) + EscapedName(id.lineage) + "-" + EscapedName(id.sink);
}

Committable PreparedPart::ToCommittable(int subtask, std::uint64_t sequence) const {
  return {.subtask = subtask,
          .sequence = sequence,
          .version = kVersion,
          .bytes = StateWriter().Text(staging).Text(staged).Text(published).Take()};
}

base::Result<PreparedPart> PreparedPart::From(const Committable& committable) {
  StateReader in(committable.bytes);
  PreparedPart part{.staging = std::string(in.Text()),
                    .staged = std::string(in.Text()),
                    .published = std::string(in.Text())};
  const bool good = in.done() && part.staging.starts_with(kStagingRoot) &&
                    IsOneName(std::string_view(part.staging).substr(kStagingRoot.size())) &&
                    IsOneName(part.staged) && IsOneName(part.published);
  if (committable.version != kVersion || !good) {
    return base::Error(base::ErrorCode::kSnapshotInvalid,
                       "'" + committable.bytes + "' is no part of a file sink");
  }
  return part;
}

std::string PublishedName(const WriterId& id, std::uint64_t sequence, std::size_t n,
                          std::string_view ending) {
  std::string number = std::to_string(sequence);
  number.insert(0, number.size() < 8 ? 8 - number.size() : 0, '0');
  return EscapedName(id.sink) + "-" + EscapedName(id.lineage) + "-" + number + "-" +
         std::to_string(id.subtask) + "-" + std::to_string(n) + std::string(ending);
}

}  // namespace streampark::connectors::file
