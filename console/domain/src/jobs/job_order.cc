// SPDX-License-Identifier: Apache-2.0
#include "jobs/job_order.h"

#include <algorithm>
#include <cstdio>

namespace streampark::console {
namespace {

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool Contains(std::string_view text, const std::string& lower) {
  return std::search(text.begin(), text.end(), lower.begin(), lower.end(),
                     [](char a, char b) { return Lower(a) == b; }) != text.end();
}

bool MatchesText(const std::string& lower, const JobView& view) {
  const Job& job = view.state.job;
  return Contains(job.name, lower) || Contains(job.description, lower) ||
         Contains(job.owner.name, lower) || Contains(job.id, lower) ||
         std::any_of(job.tags.begin(), job.tags.end(),
                     [&](const std::string& tag) { return Contains(tag, lower); });
}

std::string Padded(std::int64_t number) {
  char text[24];
  std::snprintf(text, sizeof text, "%020lld", static_cast<long long>(number));
  return text;
}

std::string Hex(std::string_view text) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  out.reserve(text.size() * 2);
  for (const char c : text) {
    out += kDigits[static_cast<unsigned char>(c) >> 4U];
    out += kDigits[static_cast<unsigned char>(c) & 15U];
  }
  return out;
}

int DigitOf(char c) {
  return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

std::optional<std::string> Unhex(std::string_view text) {
  std::string out;
  if (text.size() % 2 != 0) {
    return std::nullopt;
  }
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = DigitOf(text[i]);
    const int low = DigitOf(text[i + 1]);
    if (high < 0 || low < 0) {
      return std::nullopt;
    }
    out += static_cast<char>(high * 16 + low);
  }
  return out;
}

std::string OrderMark(const JobQuery& query) {
  return std::to_string(static_cast<int>(query.order)) + (query.descending ? "-" : "+");
}

}  // namespace

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), Lower);
  return lower;
}

bool Matches(const JobQuery& query, const std::string& lower_text, const JobView& view,
             std::string_view version) {
  const Job& job = view.state.job;
  if (query.deleted != (job.desired == DesiredState::kDeleted) ||
      !query.teams.Contains(job.team_id)) {
    return false;
  }
  if (!query.badges.empty() &&
      std::find(query.badges.begin(), query.badges.end(), view.badge.badge) == query.badges.end()) {
    return false;
  }
  if (!query.cluster_id.empty() && job.cluster_id != query.cluster_id) {
    return false;
  }
  if (!query.owner.empty() && job.owner.name != query.owner) {
    return false;
  }
  if (!query.version.empty() && version != query.version &&
      !(version.starts_with(query.version) && version.size() > query.version.size() &&
        version[query.version.size()] == '.')) {
    return false;
  }
  const bool tagged =
      std::all_of(query.tags.begin(), query.tags.end(), [&](const std::string& tag) {
        return std::find(job.tags.begin(), job.tags.end(), tag) != job.tags.end();
      });
  return tagged && (lower_text.empty() || MatchesText(lower_text, view));
}

std::string SortKeyOf(JobOrder order, const JobView& view, base::Timestamp now) {
  const Job& job = view.state.job;
  const std::optional<Attempt>& attempt = view.state.attempt;
  switch (order) {
    case JobOrder::kName:
      break;
    case JobOrder::kBadge:
      return Padded(UrgencyOf(view.badge.badge)) + LowerCase(job.name);
    case JobOrder::kStartedAt:
      return attempt ? Padded(attempt->started_at.time_since_epoch().count()) : "";
    case JobOrder::kUpdatedAt:
      return Padded(job.updated_at.time_since_epoch().count());
    case JobOrder::kDuration:
      return attempt ? Padded((attempt->ended_at.value_or(now) - attempt->started_at).count()) : "";
    case JobOrder::kOwner:
      return LowerCase(job.owner.name) + '\0' + LowerCase(job.name);
  }
  return LowerCase(job.name);
}

std::string EncodePlace(const JobQuery& query, const ListPlace& place) {
  return Hex(OrderMark(query) + place.id + "\n" + place.key);
}

base::Result<ListPlace> DecodePlace(const JobQuery& query) {
  const base::Error invalid(base::ErrorCode::kInvalidCursor,
                            "the cursor was not made by this list in this order");
  const std::optional<std::string> text = Unhex(query.cursor);
  const std::string mark = OrderMark(query);
  if (!text || !text->starts_with(mark)) {
    return invalid;
  }
  const std::size_t end = text->find('\n');
  if (end == std::string::npos) {
    return invalid;
  }
  return ListPlace{text->substr(end + 1), text->substr(mark.size(), end - mark.size())};
}

std::string KeyOf(const JobQuery& query) {
  std::string key = OrderMark(query);
  const auto add = [&](std::string_view text) { key.append(text).append(1, '\x1f'); };
  add(std::to_string(query.limit));
  add(query.deleted ? "d" : "");
  add(query.cursor);
  add(query.text);
  add(query.cluster_id);
  add(query.owner);
  add(query.version);
  for (const Badge badge : query.badges) {
    add(ToString(badge));
  }
  key += '\x1e';
  for (const std::string& tag : query.tags) {
    add(tag);
  }
  key += '\x1e';
  if (query.teams.all()) {
    key += '*';
  } else {
    for (const std::string& team : query.teams.ids()) {
      add(team);
    }
  }
  return key;
}

}  // namespace streampark::console
