// SPDX-License-Identifier: Apache-2.0
#include "event_log.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <stdexcept>

namespace streampark::flights {
namespace {

constexpr std::string_view kMissing = "NA";

std::vector<std::string_view> Split(std::string_view line) {
  std::vector<std::string_view> fields;
  std::size_t begin = 0;
  for (std::size_t comma = line.find(','); comma != std::string_view::npos;
       comma = line.find(',', begin)) {
    fields.push_back(line.substr(begin, comma - begin));
    begin = comma + 1;
  }
  fields.push_back(line.substr(begin));
  return fields;
}

std::string_view WithoutCarriageReturn(std::string_view line) {
  if (line.ends_with('\r')) {
    line.remove_suffix(1);
  }
  return line;
}

int ToInt(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    throw std::runtime_error("not a whole number: '" + std::string(text) + "'");
  }
  return value;
}

/// The hour of "2013-01-01T10:00:00Z".
EventTime ParseHour(std::string_view text) {
  using namespace std::chrono;
  if (text.size() != 20 || text.back() != 'Z') {
    throw std::runtime_error("not a time: '" + std::string(text) + "'");
  }
  const year_month_day date(year(ToInt(text.substr(0, 4))), month(ToInt(text.substr(5, 2))),
                            day(ToInt(text.substr(8, 2))));
  return sys_days(date) + hours(ToInt(text.substr(11, 2)));
}

/// Builds `{"name":value,…}`.
class JsonObject {
 public:
  JsonObject& Text(std::string_view name, std::string_view value) {
    if (value == kMissing) {
      return Raw(name, "null");
    }
    std::string quoted = "\"";
    for (const char c : value) {
      if (c == '"' || c == '\\') {
        quoted += '\\';
      }
      quoted += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
    return Raw(name, quoted + '"');
  }

  JsonObject& Number(std::string_view name, std::string_view value) {
    return Raw(name, value == kMissing || value.empty() ? "null" : value);
  }

  std::string Take() { return std::move(text_) + '}'; }

 private:
  JsonObject& Raw(std::string_view name, std::string_view value) {
    text_ += text_.empty() ? '{' : ',';
    text_.append("\"").append(name).append("\":").append(value);
    return *this;
  }

  std::string text_;
};

enum FlightField {
  kDepDelay = 5,
  kArrDelay = 8,
  kCarrier,
  kFlight,
  kTailnum,
  kOrigin,
  kDest,
  kDistance = 15,
  kMinute = 17,
  kTimeHour
};
enum WeatherField {
  kStation = 0,
  kTemp = 5,
  kHumid = 7,
  kWindSpeed = 9,
  kPrecip = 11,
  kVisib = 13,
  kObserved
};

EventTime Scheduled(const std::vector<std::string_view>& fields) {
  return ParseHour(fields[kTimeHour]) + std::chrono::minutes(ToInt(fields[kMinute]));
}

}  // namespace

EventTime YearsLater(EventTime time, int years) {
  using namespace std::chrono;
  const sys_days midnight = floor<days>(time);
  const year_month_day date(midnight);
  return sys_days(date + std::chrono::years(years)) + (time - midnight);
}

std::string FormatTime(EventTime time) {
  using namespace std::chrono;
  const sys_days midnight = floor<days>(time);
  const year_month_day date(midnight);
  const hh_mm_ss clock(time - midnight);
  std::array<char, 64> text{};
  const int size = std::snprintf(
      text.data(), text.size(), "%04d-%02u-%02u %02d:%02d:%02d", static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
      static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
      static_cast<int>(clock.seconds().count()));
  return std::string(text.data(), static_cast<std::size_t>(size));
}

std::string_view FlightFormat::Header() const {
  return "year,month,day,dep_time,sched_dep_time,dep_delay,arr_time,sched_arr_time,arr_delay,"
         "carrier,flight,"
         "tailnum,origin,dest,air_time,distance,hour,minute,time_hour";
}

EventTime FlightFormat::TimeOf(const std::vector<std::string_view>& fields) const {
  const std::string_view delay = fields[kDepDelay];
  return Scheduled(fields) + std::chrono::minutes(delay == kMissing ? 0 : ToInt(delay));
}

std::string FlightFormat::ToJson(const std::vector<std::string_view>& fields, int years,
                                 EventTime complete_until) const {
  return JsonObject()
      .Text("departed_at", FormatTime(YearsLater(TimeOf(fields), years)))
      .Text("complete_until", FormatTime(complete_until))
      .Text("scheduled_at", FormatTime(YearsLater(Scheduled(fields), years)))
      .Text("carrier", fields[kCarrier])
      .Number("flight", fields[kFlight])
      .Text("tailnum", fields[kTailnum])
      .Text("origin", fields[kOrigin])
      .Text("dest", fields[kDest])
      .Number("distance", fields[kDistance])
      .Number("dep_delay", fields[kDepDelay])
      .Number("arr_delay", fields[kArrDelay])
      .Take();
}

std::string_view WeatherFormat::Header() const {
  return "origin,year,month,day,hour,temp,dewp,humid,wind_dir,wind_speed,wind_gust,precip,pressure,"
         "visib,time_hour";
}

EventTime WeatherFormat::TimeOf(const std::vector<std::string_view>& fields) const {
  return ParseHour(fields[kObserved]);
}

std::string WeatherFormat::ToJson(const std::vector<std::string_view>& fields, int years,
                                  EventTime complete_until) const {
  return JsonObject()
      .Text("observed_at", FormatTime(YearsLater(TimeOf(fields), years)))
      .Text("complete_until", FormatTime(complete_until))
      .Text("origin", fields[kStation])
      .Number("temp", fields[kTemp])
      .Number("humid", fields[kHumid])
      .Number("wind_speed", fields[kWindSpeed])
      .Number("precip", fields[kPrecip])
      .Number("visib", fields[kVisib])
      .Take();
}

std::string AirlinesAsJson(const std::filesystem::path& csv) {
  std::ifstream file(csv);
  std::string line;
  if (!std::getline(file, line) || WithoutCarriageReturn(line) != "carrier,name") {
    throw std::runtime_error(csv.string() + " is not the file of airlines");
  }
  std::string json;
  while (std::getline(file, line)) {
    const std::string_view row = WithoutCarriageReturn(line);
    const std::size_t comma = row.find(',');
    if (comma != std::string_view::npos) {
      json += JsonObject()
                  .Text("carrier", row.substr(0, comma))
                  .Text("name", row.substr(comma + 1))
                  .Take() +
              '\n';
    }
  }
  return json;
}

EventLog::EventLog(const std::filesystem::path& csv, const RowFormat& format)
    : format_(format), file_(csv, std::ios::binary) {
  std::string line;
  if (!std::getline(file_, line) || WithoutCarriageReturn(line) != format.Header()) {
    throw std::runtime_error(csv.string() + " does not have the expected columns");
  }
  const std::size_t columns = Split(format.Header()).size();
  std::uint64_t offset = line.size() + 1;
  for (; std::getline(file_, line); offset += line.size() + 1) {
    const auto fields = Split(WithoutCarriageReturn(line));
    if (fields.size() != columns) {
      throw std::runtime_error(csv.string() + " has a row of " + std::to_string(fields.size()) +
                               " columns");
    }
    rows_.push_back({format.TimeOf(fields), offset});
  }
  if (rows_.empty()) {
    throw std::runtime_error(csv.string() + " has no rows");
  }
  // Rows of one moment keep the file's order, so that every run numbers them alike.
  std::ranges::stable_sort(rows_, {}, &Row::time);
  file_.clear();
}

std::string EventLog::JsonAt(std::size_t row, int years, EventTime complete_until) {
  std::string line;
  file_.seekg(static_cast<std::streamoff>(rows_[row].offset));
  if (!std::getline(file_, line)) {
    throw std::runtime_error("the data file changed while it was replayed");
  }
  return format_.ToJson(Split(WithoutCarriageReturn(line)), years, complete_until);
}

}  // namespace streampark::flights
