#pragma once

#include <cstdint>
#include <string>

#include <streampark/core.h>

struct Flight {
  std::string carrier;
  std::int32_t delay_minutes = 0;
  streampark::Timestamp scheduled;
};
SP_RECORD(Flight, carrier, delay_minutes, scheduled);

struct CarrierDelay {
  std::string carrier;
  streampark::Timestamp window_end;
  double mean_minutes = 0;
  bool operator==(const CarrierDelay&) const = default;
};
SP_RECORD(CarrierDelay, carrier, window_end, mean_minutes);

/// The mean delay of each carrier, an hour of event time at a time.
void @JOB@(streampark::StreamContext& context);
