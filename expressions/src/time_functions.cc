// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <limits>

#include "bound.h"

/// Parts of days and times, and their beginnings. TIMESTAMP_LTZ counts by UTC; weeks are ISO 8601's and begin on Mondays.
namespace streampark::expressions {
namespace {

using std::chrono::days;
using std::chrono::sys_days;
using std::chrono::year_month_day;

enum class Unit : std::uint8_t {
  kYear,
  kQuarter,
  kMonth,
  kWeek,
  kDay,
  kHour,
  kMinute,
  kSecond,
  kMillisecond,
  kMicrosecond,
  kDayOfWeek,
  kDayOfYear,
  kEpoch,
};

struct UnitRow {
  std::string_view name;
  Unit unit;
  std::int64_t micros;  // of one, where it has always the same
};

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kDay = 86'400 * kSecond;

constexpr std::array<UnitRow, 13> kUnits = {{
    {"year", Unit::kYear, 0},
    {"quarter", Unit::kQuarter, 0},
    {"month", Unit::kMonth, 0},
    {"week", Unit::kWeek, 0},
    {"day", Unit::kDay, kDay},
    {"hour", Unit::kHour, 3'600 * kSecond},
    {"minute", Unit::kMinute, 60 * kSecond},
    {"second", Unit::kSecond, kSecond},
    {"millisecond", Unit::kMillisecond, 1'000},
    {"microsecond", Unit::kMicrosecond, 1},
    {"isodow", Unit::kDayOfWeek, 0},
    {"doy", Unit::kDayOfYear, 0},
    {"epoch", Unit::kEpoch, 0},
}};

/// The years that std::chrono counts in.
constexpr std::int64_t kMostDays = 11'000'000;

std::int64_t FloorTo(std::int64_t value, std::int64_t unit) {
  const std::int64_t rest = value % unit;
  return value - (rest < 0 ? rest + unit : rest);
}

sys_days MondayOf(sys_days day) { return day - days(std::chrono::weekday(day).iso_encoding() - 1); }

std::int64_t WeekOf(sys_days day) {
  // The week belongs to the year that its Thursday is in.
  const sys_days thursday = MondayOf(day) + days(3);
  const sys_days first = sys_days(year_month_day(thursday).year() / std::chrono::January / 1);
  return (thursday - first).count() / 7 + 1;
}

sys_days BeginOf(Unit unit, sys_days day) {
  const year_month_day date(day);
  switch (unit) {
    case Unit::kYear:
      return date.year() / std::chrono::January / 1;
    case Unit::kQuarter:
      return date.year() /
             std::chrono::month((static_cast<unsigned>(date.month()) - 1) / 3 * 3 + 1) / 1;
    case Unit::kMonth:
      return date.year() / date.month() / 1;
    case Unit::kWeek:
      return MondayOf(day);
    default:
      return day;
  }
}

/// `micros`: since midnight of that day.
std::int64_t PartOf(Unit unit, std::int64_t count, std::int64_t micros) {
  const sys_days day{days(count)};
  const year_month_day date(day);
  switch (unit) {
    case Unit::kYear:
      return static_cast<int>(date.year());
    case Unit::kQuarter:
      return (static_cast<unsigned>(date.month()) + 2) / 3;
    case Unit::kMonth:
      return static_cast<unsigned>(date.month());
    case Unit::kWeek:
      return WeekOf(day);
    case Unit::kDay:
      return static_cast<unsigned>(date.day());
    case Unit::kHour:
      return micros / (3'600 * kSecond);
    case Unit::kMinute:
      return micros / (60 * kSecond) % 60;
    case Unit::kSecond:
      return micros / kSecond % 60;
    case Unit::kMillisecond:
      return micros / 1'000 % 1'000;
    case Unit::kMicrosecond:
      return micros % kSecond;
    case Unit::kDayOfWeek:
      return std::chrono::weekday(day).iso_encoding();
    case Unit::kDayOfYear:
      return (day - BeginOf(Unit::kYear, day)).count() + 1;
    case Unit::kEpoch:
      return count * 86'400 + micros / kSecond;
  }
  return 0;
}

/// The unit that the first argument names, for the second's type.
base::Result<Unit> TakeUnit(Call& call) {
  const Bound& name = call.arguments[0];
  std::string listed;
  for (const UnitRow& one : kUnits) {
    listed.append(listed.empty() ? "" : ", ").append(one.name);
  }
  if (name.literal != Bound::Literal::kText) {
    return FaultAt(name.at, "'" + call.name + "' takes a unit first, written as a text")
        .WithHint("there are: " + listed);
  }
  for (const UnitRow& one : kUnits) {
    if (one.name == name.text) {
      return one.unit;
    }
  }
  return FaultAt(name.at, "there is no unit '" + name.text + "'").WithHint("there are: " + listed);
}

bool IsMoment(const Type& type) {
  return type.kind() == TypeKind::kTimestamp || type.kind() == TypeKind::kTimestampTz;
}

base::Result<Bound> BindExtract(Call&& call) {
  const Unit unit = SP_TRY(TakeUnit(call));
  const Type type = call.arguments[1].type;
  const bool day = type.kind() == TypeKind::kDate;
  const bool time = type.kind() == TypeKind::kTime;
  if (!day && !time && !IsMoment(type)) {
    return call.TakesNo(call.arguments[1]);
  }
  const bool of_day = unit <= Unit::kDay || unit == Unit::kDayOfWeek || unit == Unit::kDayOfYear;
  if ((day && !of_day && unit != Unit::kEpoch) || (time && of_day)) {
    return FaultAt(call.arguments[0].at,
                   "a " + type.ToString() + " has no " + call.arguments[0].text);
  }
  return call.Result(
      MakeCall<std::int64_t>(
          [unit, day, time](Work& work, const auto& in, std::size_t row, std::int64_t& out) {
            const std::int64_t value = In<std::int64_t>(in, 0, row);
            const std::int64_t begin = day || time ? 0 : FloorTo(value, kDay);
            const std::int64_t count = day ? value : begin / kDay;
            if (count > kMostDays || count < -kMostDays) {
              return work.Fail(row, "the day is too far away");
            }
            out = PartOf(unit, count, day ? 0 : value - begin);
            return true;
          },
          std::move(call.arguments[1].node)),
      TypeKind::kInt64);
}

base::Result<Bound> BindTruncate(Call&& call) {
  const Unit unit = SP_TRY(TakeUnit(call));
  const Type type = call.arguments[1].type;
  const bool day = type.kind() == TypeKind::kDate;
  if (!day && !IsMoment(type)) {
    return call.TakesNo(call.arguments[1]);
  }
  if (unit > (day ? Unit::kDay : Unit::kMicrosecond)) {
    return FaultAt(call.arguments[0].at,
                   "a " + type.ToString() + " does not begin by " + call.arguments[0].text);
  }
  const std::int64_t micros = kUnits[static_cast<std::size_t>(unit)].micros;
  return call.Result(
      MakeCall<std::int64_t>(
          [unit, day, micros](Work& work, const auto& in, std::size_t row, std::int64_t& out) {
            const std::int64_t value = In<std::int64_t>(in, 0, row);
            const std::int64_t count = day ? value : FloorTo(value, kDay) / kDay;
            if (count > kMostDays || count < -kMostDays) {
              return work.Fail(row, "the day is too far away");
            }
            if (!day && micros > 0) {
              out = FloorTo(value, micros);
            } else {
              out = BeginOf(unit, sys_days(days(count))).time_since_epoch().count() *
                    (day ? 1 : kDay);
            }
            return true;
          },
          std::move(call.arguments[1].node)),
      type);
}

}  // namespace

std::vector<Function> TimeFunctions() {
  return {
      {"extract", 2, 2, BindExtract},
      {"date_trunc", 2, 2, BindTruncate},
  };
}

}  // namespace streampark::expressions
