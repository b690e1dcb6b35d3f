// SPDX-License-Identifier: Apache-2.0
#include "streampark/core/window_operator.h"

#include <algorithm>
#include <string>

#include "streampark/core/bytes.h"
#include "streampark/core/time_slices.h"

namespace streampark::core {

namespace {

constexpr const char* kWatermark = "watermark";

}  // namespace

void RequirePositive(std::int64_t number, const char* what) {
  if (number <= 0) {
    throw TaskFailure(
        base::Error(base::ErrorCode::kValidationFailed,
                    std::string(what) + " is " + std::to_string(number) + ", and must be above 0.")
            .WithHint("give the windows another size"));
  }
}

void RequireEventTime(EventTime time, const char* where) {
  if (time == kBeginningOfTime) {
    throw TaskFailure(base::Error(base::ErrorCode::kValidationFailed, "A row has no event time.")
                          .WithHint(std::string("call Watermarks(field, strategy) ") + where));
  }
}

void SaveWatermark(OperatorSnapshot& into, EventTime watermark) {
  ByteWriter out;
  out.Fixed(watermark);
  into.AddElement(kWatermark, Redistribution::kUnion, out.Take());
}

EventTime RestoreWatermark(const OperatorRestore& restored) {
  const auto elements = restored.Elements(kWatermark);
  auto least = elements.empty() ? kBeginningOfTime : kEndOfTime;
  for (const auto bytes : elements) {
    least = std::min(least, ByteReader(bytes).Fixed<EventTime>());
  }
  return least;
}

void TimeSlices::Require() const {
  RequirePositive(size, "The size of a window");
  RequirePositive(slide, "The slide of a window");
}

}  // namespace streampark::core
