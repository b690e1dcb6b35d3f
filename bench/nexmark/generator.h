// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "events.h"

/// Events by their number: the same number is always the same event, here and in java/…/Generator.java, which is the same
/// arithmetic. Of 50 events one is a person, three are auctions, the rest are bids; half the bids go to a hot auction, three of
/// four come from a hot bidder. Event time grows by 100 µs an event.
namespace nexmark {

void MakeEvent(std::int64_t number, Event& event);

}  // namespace nexmark
