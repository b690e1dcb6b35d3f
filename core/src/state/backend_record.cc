// SPDX-License-Identifier: Apache-2.0
#include "state/backend_record.h"

#include <numeric>

#include "sealed_bytes.h"

namespace streampark::core {

namespace {

constexpr Seal kBackendSeal{.letters = "SPBK", .version = 1, .what = "record of state on disk"};

void WriteFiles(ByteWriter& out, const std::vector<BackendRecord::File>& files) {
  out.Length(files.size());
  for (const auto& file : files) {
    out.Text(file.name);
    out.Text(file.kept);
    out.Length(file.bytes);
  }
}

std::vector<BackendRecord::File> ReadFiles(ByteReader& in) {
  std::vector<BackendRecord::File> files;
  for (auto count = in.Length(); count > 0 && !in.failed(); --count) {
    auto& file = files.emplace_back();
    file.name = in.Text();
    file.kept = in.Text();
    file.bytes = in.Length();
  }
  return files;
}

std::uint64_t Sum(const std::vector<BackendRecord::File>& files) {
  return std::accumulate(files.begin(), files.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const auto& file) { return sum + file.bytes; });
}

}  // namespace

std::uint64_t BackendRecord::bytes() const { return Sum(base) + Sum(logs); }

// The fields in order.
std::string BackendRecord::Serialize() const {
  auto out = OpenSealed(kBackendSeal);
  out.Fixed(static_cast<std::int32_t>(groups.first));
  out.Fixed(static_cast<std::int32_t>(groups.last));
  out.Length(states.size());
  for (const auto& state : states) {
    out.Fixed(state.id);
    out.Text(state.owner);
    out.Text(state.name);
    out.Text(state.description);
    out.Fixed(state.layout);
  }
  WriteFiles(out, base);
  WriteFiles(out, logs);
  return CloseSealed(std::move(out));
}

base::Result<BackendRecord> BackendRecord::Parse(std::string_view bytes) {
  auto in = SP_TRY(ReadSealed(kBackendSeal, bytes));
  BackendRecord record;
  record.groups.first = in.Fixed<std::int32_t>();
  record.groups.last = in.Fixed<std::int32_t>();
  for (auto count = in.Length(); count > 0 && !in.failed(); --count) {
    auto& state = record.states.emplace_back();
    state.id = in.Fixed<std::uint16_t>();
    state.owner = in.Text();
    state.name = in.Text();
    state.description = in.Text();
    state.layout = in.Fixed<StateLayout>();
  }
  record.base = ReadFiles(in);
  record.logs = ReadFiles(in);
  SP_TRY(CheckReadAll(kBackendSeal, in));
  return record;
}

}  // namespace streampark::core
