// SPDX-License-Identifier: Apache-2.0
#include "split_place.h"

#include "streampark/connectors/state_bytes.h"

namespace streampark::connectors::redis {
namespace {

constexpr std::uint16_t kPlaceVersion = 1;

}  // namespace

Position SplitPlace::ToPosition() const {
  StateWriter out;
  out.Text(ToString(type)).Text(name);
  switch (type) {
    case KeyType::kStream:
      out.Text(after.ToString()).Text(last ? last->ToString() : "");
      break;
    case KeyType::kList:
      out.Number(next).Number(length);
      break;
    case KeyType::kHash:
    case KeyType::kString:
      out.Text(std::to_string(cursor));
      break;
  }
  return {kPlaceVersion, out.Take()};
}

base::Result<SplitPlace> SplitPlace::From(const Position& position) {
  StateReader in(position.bytes);
  SplitPlace place;
  const std::string_view type = in.Text();
  place.type = KeyTypeOf(type);
  place.name = in.Text();
  bool good = ToString(place.type) == type && !place.name.empty();
  if (place.type == KeyType::kStream) {
    const auto after = StreamId::Parse(in.Text());
    const std::string_view last = in.Text();
    if (!last.empty()) {
      place.last = StreamId::Parse(last);
    }
    good = good && after && (last.empty() || place.last);
    place.after = after.value_or(StreamId{});
  } else if (place.type == KeyType::kList) {
    place.next = in.Number();
    place.length = in.Number();
    good = good && place.next >= 0 && place.next <= place.length;
  } else {
    const auto cursor = StreamId::Parse(in.Text());
    good = good && cursor && cursor->number == 0;
    place.cursor = cursor.value_or(StreamId{}).millis;
  }
  if (position.version != kPlaceVersion || !in.done() || !good) {
    return base::Error(base::ErrorCode::kSnapshotInvalid,
                       "'" + position.bytes + "' is no position at a Redis server");
  }
  return place;
}

}  // namespace streampark::connectors::redis
