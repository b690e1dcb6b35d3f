// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "streampark/console/jobs/job_board.h"

/// How the list is filtered, ordered and paged; pure.
namespace streampark::console {

std::string LowerCase(std::string_view text);

/// Whether the query's filters let the job through (its team is checked too).
bool Matches(const JobQuery& query, const std::string& lower_text, const JobView& view,
             std::string_view version);

/// Jobs in the order of the query are jobs in the order of these texts, then of ids.
std::string SortKeyOf(JobOrder order, const JobView& view, base::Timestamp now);

struct ListPlace {
  std::string key;
  std::string id;
};
std::string EncodePlace(const JobQuery& query, const ListPlace& place);
/// INVALID_CURSOR when it is not one or was made under another order.
base::Result<ListPlace> DecodePlace(const JobQuery& query);

/// Everything of a query that decides its page, as a key.
std::string KeyOf(const JobQuery& query);

}  // namespace streampark::console
