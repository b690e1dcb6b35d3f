// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "column_hash.h"
#include "events.h"

/// The queries of Nexmark as a job's author writes them. Each ends in the column hash, with the columns of java/…/queries/*.sql.
namespace nexmark {

/// Where a query's events come from: a source named `events`, or, where there are `generated` ones, so many made on the spot.
struct Input {
  sp::StreamContext& context;
  std::int64_t generated = 0;
  std::string side_input;  // a file of lines `key,value`, for q13
};

using Query = void (*)(const Input&, const ColumnHash&);

/// Null when there is none of that name.
Query FindQuery(std::string_view name);

void DecodeAll(const Input& input, const ColumnHash& sink);             // what reading alone costs
void PassThrough(const Input& input, const ColumnHash& sink);           // q0
void Currency(const Input& input, const ColumnHash& sink);              // q1
void Selection(const Input& input, const ColumnHash& sink);             // q2
void LocalItems(const Input& input, const ColumnHash& sink);            // q3
void AveragePrice(const Input& input, const ColumnHash& sink);          // q4
void HotItems(const Input& input, const ColumnHash& sink);              // q5
void HighestBid(const Input& input, const ColumnHash& sink);            // q7
void NewUsers(const Input& input, const ColumnHash& sink);              // q8
void UserSessions(const Input& input, const ColumnHash& sink);          // q11
void ProcessingTimeCounts(const Input& input, const ColumnHash& sink);  // q12
void SideInput(const Input& input, const ColumnHash& sink);             // q13
void AuctionStatistics(const Input& input, const ColumnHash& sink);     // q17
void LastBid(const Input& input, const ColumnHash& sink);               // q18

}  // namespace nexmark
