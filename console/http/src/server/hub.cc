// SPDX-License-Identifier: Apache-2.0
#include "hub.h"

#include <vector>

#include <boost/asio/post.hpp>
#include <fmt/format.h>

namespace streampark::http {
namespace {

constexpr auto kSweepEvery = std::chrono::milliseconds(250);

}  // namespace

// The hint says that one thread runs it: no locks inside.
Hub::Hub() : context_(1), sweep_(context_) {}

void Hub::StartSweeping() {
  sweep_.expires_after(kSweepEvery);
  sweep_.async_wait([this](const boost::system::error_code& error) {
    if (!error) {
      Sweep();
      StartSweeping();
    }
  });
}

void Hub::Sweep() {
  const auto now = std::chrono::steady_clock::now();
  for (LiveConnection* connection : connections_) {
    if (connection->deadline() <= now) {
      connection->Abort();
    }
  }
}

void Hub::Drain() {
  boost::asio::post(context_, [this] {
    draining_ = true;
    for (LiveConnection* connection : connections_) {
      if (connection->phase() == LiveConnection::Phase::kIdle) {
        connection->Abort();
      } else if (connection->phase() == LiveConnection::Phase::kStreaming) {
        connection->Wake();
      }
    }
  });
}

void Hub::AbortAll() {
  boost::asio::post(context_, [this] {
    for (LiveConnection* connection : connections_) {
      connection->Abort();
    }
  });
}

const std::string& Hub::date() {
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  if (now != date_of_) {
    date_of_ = now;
    constexpr std::string_view kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::string_view kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto day = std::chrono::floor<std::chrono::days>(now);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(now - day);
    date_ = fmt::format(
        "{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kDays[std::chrono::weekday(day).c_encoding()],
        static_cast<unsigned>(date.day()), kMonths[static_cast<unsigned>(date.month()) - 1],
        static_cast<int>(date.year()), clock.hours().count(), clock.minutes().count(),
        clock.seconds().count());
  }
  return date_;
}

}  // namespace streampark::http
