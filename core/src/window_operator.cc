// SPDX-License-Identifier: Apache-2.0
#include "streampark/core/window_operator.h"

#include <algorithm>
#include <string>

#include "streampark/core/bytes.h"
#include "streampark/core/time_slices.h"

namespace streampark::core {

namespace {

constexpr const char* kWatermark = "watermark";
constexpr const char* kWindows = "windows are";

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

std::string TextOfWindows(EventTime size, EventTime slide, EventTime offset) {
  const auto ms = [](EventTime time) { return std::to_string(time) + " ms"; };
  return "of " + ms(size) + (slide != size ? " each " + ms(slide) : "") +
         (offset != 0 ? " moved by " + ms(offset) : "");
}

void SaveWindows(OperatorSnapshot& into, std::string text) {
  into.AddElement(kWindows, Redistribution::kBroadcast, std::move(text));
}

void RequireSameWindows(const OperatorRestore& restored, std::string_view text) {
  for (const auto written : restored.Elements(kWindows)) {
    if (written != text) {
      throw TaskFailure(
          base::Error(base::ErrorCode::kStateNotRestored,
                      "Its windows were " + std::string(written) + " in the checkpoint, and are " +
                          std::string(text) + " now.")
              .WithHint(
                  "set them back; or let them begin anew: give the operator another name, and "
                  "let the state of the old one go with native.restore-ignore-unclaimed: true"));
    }
  }
}

void TimeSlices::Require(const OperatorRestore& restored) const {
  RequirePositive(size, "The size of a window");
  RequirePositive(slide, "The slide of a window");
  RequireSameWindows(restored, TextOfWindows(size, slide, offset));
}

void TimeSlices::Save(OperatorSnapshot& into) const {
  SaveWindows(into, TextOfWindows(size, slide, offset));
}

}  // namespace streampark::core
