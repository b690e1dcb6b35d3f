// SPDX-License-Identifier: Apache-2.0
#include "split_file.h"

#include "streampark/connectors/state_bytes.h"

#include "split_groups.h"
#include "split_stream.h"

namespace streampark::connectors::file {
namespace {

constexpr std::uint16_t kVersion = 1;

}  // namespace

Position SplitPlace::ToPosition() const {
  return {kVersion, StateWriter()
                        .Text(path)
                        .Number(size)
                        .Number(begin)
                        .Number(end)
                        .Number(next)
                        .Number(records)
                        .Take()};
}

base::Result<SplitPlace> SplitPlace::From(const Position& position) {
  StateReader in(position.bytes);
  SplitPlace place{.path = std::string(in.Text()),
                   .size = in.Number(),
                   .begin = in.Number(),
                   .end = in.Number(),
                   .next = in.Number(),
                   .records = in.Number()};
  const bool good = in.done() && place.path.starts_with('/') && place.size >= 0 &&
                    place.begin >= 0 && place.end >= kToTheEnd && place.next >= kNotBegun &&
                    place.records >= 0;
  if (position.version != kVersion || !good) {
    return base::Error(base::ErrorCode::kSnapshotInvalid,
                       "'" + position.bytes + "' is no position in a file");
  }
  return place;
}

base::Result<std::unique_ptr<SplitFile>> SplitFile::Open(const ReadPlan& plan, SplitPlace place,
                                                         BatchBuilder& rows) {
  return plan.file_decoder ? OpenSplitGroups(plan, std::move(place))
                           : OpenSplitStream(plan, std::move(place), rows);
}

base::Error FileHasChanged(const SplitPlace& place, std::int64_t size) {
  return base::Error(base::ErrorCode::kInvalidRequest,
                     "the file had " + std::to_string(place.size) +
                         " bytes when it was found and has " + std::to_string(size))
      .WithHint(
          "files may not be changed once they can be found: write them aside, then rename them");
}

}  // namespace streampark::connectors::file
