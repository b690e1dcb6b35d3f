// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace streampark::flights {

using EventTime = std::chrono::sys_seconds;

/// The same moment `years` later by the calendar; the data's year has no 29th of February.
EventTime YearsLater(EventTime time, int years);

/// "2013-01-01 10:15:00", as Flink's JSON format reads a TIMESTAMP. Times are UTC.
std::string FormatTime(EventTime time);

/// Turns one CSV row (split at commas) into an event. The files have no quoted fields.
class RowFormat {
 public:
  virtual ~RowFormat() = default;
  /// The header line that the file must have.
  virtual std::string_view Header() const = 0;
  virtual EventTime TimeOf(const std::vector<std::string_view>& fields) const = 0;
  /// One JSON object in one line, without its end; every time of the row is `years` later.
  /// `complete_until` is the watermark that the event brings along.
  virtual std::string ToJson(const std::vector<std::string_view>& fields, int years,
                             EventTime complete_until) const = 0;
};

/// flights.csv. A flight's time is when it left; a cancelled one's is when it should have left.
class FlightFormat : public RowFormat {
 public:
  std::string_view Header() const override;
  EventTime TimeOf(const std::vector<std::string_view>& fields) const override;
  std::string ToJson(const std::vector<std::string_view>& fields, int years,
                     EventTime complete_until) const override;
};

/// weather.csv: hourly observations at the three airports.
class WeatherFormat : public RowFormat {
 public:
  std::string_view Header() const override;
  EventTime TimeOf(const std::vector<std::string_view>& fields) const override;
  std::string ToJson(const std::vector<std::string_view>& fields, int years,
                     EventTime complete_until) const override;
};

/// airlines.csv as JSON lines; it has no time, so it is no log.
std::string AirlinesAsJson(const std::filesystem::path& csv);

/// A CSV file as a sequence of events in the order of their time. Keeps 16 bytes a row in memory;
/// rows are read from the file when asked for. Not thread-safe. Throws std::runtime_error for an
/// unusable file.
class EventLog {
 public:
  /// `format` must outlive the log.
  EventLog(const std::filesystem::path& csv, const RowFormat& format);

  std::size_t size() const { return rows_.size(); }
  EventTime TimeAt(std::size_t row) const { return rows_[row].time; }
  std::string JsonAt(std::size_t row, int years, EventTime complete_until);

 private:
  struct Row {
    EventTime time;
    std::uint64_t offset;
  };

  const RowFormat& format_;
  std::ifstream file_;
  std::vector<Row> rows_;
};

}  // namespace streampark::flights
