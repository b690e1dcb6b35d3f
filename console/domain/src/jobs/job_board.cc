// SPDX-License-Identifier: Apache-2.0
#include "streampark/console/jobs/job_board.h"

#include <algorithm>
#include <mutex>
#include <set>
#include <shared_mutex>
#include <unordered_map>

#include "jobs/job_order.h"

namespace streampark::console {
namespace {

constexpr std::size_t kPagesKept = 256;
constexpr std::size_t kLargestPageKept = std::size_t{1}
                                         << 20;  // bytes; those of the web app are smaller
// A page says how old its looks are, so it is made anew after this time though nothing changed.
constexpr base::Millis kPageLife{1000};
constexpr std::string_view kAgeMember = "\"observedAt\":\"";
constexpr std::size_t kTimestampLength = 24;

struct StringHash : std::hash<std::string_view> {
  using is_transparent = void;
};
template <typename Value>
using TextMap = std::unordered_map<std::string, Value, StringHash, std::equal_to<>>;

struct Entry {
  JobViewPtr view;
  std::shared_ptr<const std::string> json;
  std::size_t age_at = std::string::npos;  // where the time of the last look stands in `json`
  std::string name_key;
  std::string version;
};

/// Members of the by-name index: the key, the id and the entry itself.
struct NamePlace {
  std::string_view key;
  std::string_view id;
  const Entry* entry;
  bool operator<(const NamePlace& other) const {
    return std::tie(key, id) < std::tie(other.key, other.id);
  }
};

void AppendFresh(std::string& out, const Entry& entry) {
  const std::size_t start = out.size();
  out.append(*entry.json);
  const std::int64_t looked = entry.view->looked_at.load(std::memory_order_relaxed);
  if (looked != 0 && entry.age_at != std::string::npos) {
    out.replace(start + entry.age_at, kTimestampLength,
                base::FormatTimestamp(base::Timestamp(base::Millis(looked))));
  }
}

/// Whether two texts are the same but for the time at `age_at`.
bool SameButAge(const std::string& a, const std::string& b, std::size_t age_at) {
  if (a.size() != b.size()) {
    return false;
  }
  if (age_at == std::string::npos) {
    return a == b;
  }
  const std::size_t after = age_at + kTimestampLength;
  return a.compare(0, age_at, b, 0, age_at) == 0 &&
         a.compare(after, std::string::npos, b, after, std::string::npos) == 0;
}

base::Timestamp FirstSince(const JobState& state) {
  if (state.attempt) {
    return state.attempt->ended_at.value_or(state.attempt->started_at);
  }
  return state.job.updated_at;
}

}  // namespace

std::optional<base::Timestamp> JobView::observed_at() const {
  const std::int64_t looked = looked_at.load(std::memory_order_relaxed);
  return looked == 0 ? state.observed.observed_at
                     : std::optional(base::Timestamp(base::Millis(looked)));
}

struct JobBoard::Impl {
  Impl(const base::Clock& clock_in, Render render_in)
      : clock(clock_in), render(std::move(render_in)) {}

  struct Change {
    std::string job_id;
    JobViewPtr view;
    std::shared_ptr<const std::string> json;
  };

  /// A new entry for the job, without the lock: showing it takes its time.
  std::unique_ptr<Entry> Prepare(JobState state) const {
    const JobViewPtr older = FindView(state.job.id);
    auto view = std::make_shared<JobView>();
    view->badge = JudgeBadge(state);
    view->badge_since = older == nullptr                          ? FirstSince(state)
                        : older->badge.badge == view->badge.badge ? older->badge_since
                                                                  : clock.Now();
    view->state = std::move(state);
    Shown shown = render(*view);
    auto entry = std::make_unique<Entry>();
    entry->name_key = LowerCase(view->state.job.name);
    entry->age_at = shown.json.find(kAgeMember);
    if (entry->age_at != std::string::npos) {
      entry->age_at += kAgeMember.size();
    }
    // A copy has no room to spare; what was appended to has up to as much again.
    entry->json = std::make_shared<const std::string>(shown.json);
    entry->version = std::move(shown.version);
    entry->view = std::move(view);
    return entry;
  }

  /// Under the unique lock. False when nothing of it shows.
  bool Replace(std::unique_ptr<Entry> entry) {
    std::unique_ptr<Entry>& place = entries[entry->view->state.job.id];
    const bool shows = place == nullptr || place->age_at != entry->age_at ||
                       !SameButAge(*place->json, *entry->json, entry->age_at);
    if (place != nullptr) {
      Unlink(*place);
    }
    place = std::move(entry);
    Link(*place);
    if (shows) {
      version.fetch_add(1, std::memory_order_release);
    }
    return shows;
  }

  JobViewPtr FindView(std::string_view job_id) const {
    const std::shared_lock lock(mutex);
    const auto found = entries.find(job_id);
    return found == entries.end() ? nullptr : found->second->view;
  }

  /// Has the badge of a job that is shown counted, or not any more.
  void Tally(const JobView& view, int by) {
    if (view.state.job.desired != DesiredState::kDeleted) {
      JobCounts& counts = counts_by_team[view.state.job.team_id];
      counts.total += by;
      counts.by_badge[static_cast<std::size_t>(view.badge.badge)] += by;
    }
  }

  void Link(const Entry& entry) {
    const JobState& state = entry.view->state;
    Tally(*entry.view, 1);
    by_name.insert({entry.name_key, state.job.id, &entry});
    if (state.attempt) {
      by_engine_id[state.attempt->engine_job_id] = state.job.id;
    }
    if (state.live()) {
      live_on[state.attempt->cluster_id].insert(state.job.id);
    }
  }

  void Unlink(const Entry& entry) {
    const JobState& state = entry.view->state;
    Tally(*entry.view, -1);
    by_name.erase({entry.name_key, state.job.id, &entry});
    if (state.attempt) {
      by_engine_id.erase(state.attempt->engine_job_id);
    }
    if (state.live()) {
      live_on[state.attempt->cluster_id].erase(state.job.id);
    }
  }

  void Tell(const Change& change) const {
    for (const Listener& listener : listeners) {
      listener(change.job_id, change.view, change.json);
    }
  }

  /// Under the shared lock.
  base::Result<JobPagePtr> BuildPage(const JobQuery& query) const;

  const base::Clock& clock;
  const Render render;
  std::vector<Listener> listeners;
  mutable std::shared_mutex mutex;
  TextMap<std::unique_ptr<Entry>> entries;
  std::set<NamePlace> by_name;
  TextMap<std::string> by_engine_id;
  TextMap<std::set<std::string>> live_on;
  TextMap<JobCounts> counts_by_team;
  std::atomic<std::uint64_t> version = 1;

  struct KeptPage {
    std::uint64_t version = 0;
    base::SteadyTime made_at;
    JobPagePtr page;
  };
  mutable std::shared_mutex pages_mutex;
  mutable std::mutex build_mutex;  // one thread makes a page, the others wait for it
  mutable TextMap<KeptPage> pages;

  JobPagePtr FreshPage(const std::string& key) const {
    const std::shared_lock lock(pages_mutex);
    const auto found = pages.find(key);
    if (found == pages.end() || found->second.version != version.load(std::memory_order_acquire) ||
        clock.SteadyNow() - found->second.made_at > kPageLife) {
      return nullptr;
    }
    return found->second.page;
  }
};

base::Result<JobPagePtr> JobBoard::Impl::BuildPage(const JobQuery& query) const {
  std::optional<ListPlace> after;
  if (!query.cursor.empty()) {
    after = SP_TRY(DecodePlace(query));
  }
  const std::string lower = LowerCase(query.text);
  const base::Timestamp now = clock.Now();
  struct Candidate {
    std::string key;
    const Entry* entry;
  };
  std::vector<Candidate> found;
  for (const NamePlace& place : by_name) {
    const JobView& view = *place.entry->view;
    if (Matches(query, lower, view, place.entry->version)) {
      found.push_back(
          {query.order == JobOrder::kName ? std::string() : SortKeyOf(query.order, view, now),
           place.entry});
    }
  }
  const auto id_of = [](const Candidate& one) -> const std::string& {
    return one.entry->view->state.job.id;
  };
  const auto key_of = [&](const Candidate& one) -> const std::string& {
    return query.order == JobOrder::kName ? one.entry->name_key : one.key;
  };
  if (query.order != JobOrder::kName) {
    std::sort(found.begin(), found.end(), [&](const Candidate& a, const Candidate& b) {
      return std::tie(key_of(a), id_of(a)) < std::tie(key_of(b), id_of(b));
    });
  }
  if (query.descending) {
    std::reverse(found.begin(), found.end());
  }
  std::size_t from = 0;
  if (after) {
    from = static_cast<std::size_t>(
        std::partition_point(found.begin(), found.end(),
                             [&](const Candidate& one) {
                               const auto mine = std::tie(key_of(one), id_of(one));
                               const auto last = std::tie(after->key, after->id);
                               return query.descending ? mine >= last : mine <= last;
                             }) -
        found.begin());
  }
  const std::size_t to = std::min(found.size(), from + static_cast<std::size_t>(query.limit));
  auto page = std::make_shared<JobPageText>();
  std::string& body = page->body;
  std::size_t bytes = 200;
  for (std::size_t i = from; i < to; ++i) {
    bytes += found[i].entry->json->size() + 1;
  }
  body.reserve(bytes);
  body = "{\"items\":[";
  for (std::size_t i = from; i < to; ++i) {
    if (i > from) {
      body += ',';
    }
    AppendFresh(body, *found[i].entry);
  }
  body += "],\"nextCursor\":";
  if (to < found.size() && to > from) {
    const Candidate& last = found[to - 1];
    body.append("\"").append(EncodePlace(query, {key_of(last), id_of(last)})).append("\"");
  } else {
    body += "null";
  }
  body.append(",\"total\":").append(std::to_string(found.size())).append("}");
  return JobPagePtr(std::move(page));
}

JobBoard::JobBoard(const base::Clock& clock, Render render)
    : impl_(std::make_unique<Impl>(clock, std::move(render))) {}
JobBoard::~JobBoard() = default;

void JobBoard::Listen(Listener listener) { impl_->listeners.push_back(std::move(listener)); }

void JobBoard::Put(JobState state) {
  std::unique_ptr<Entry> entry = impl_->Prepare(std::move(state));
  const Impl::Change change{entry->view->state.job.id, entry->view, entry->json};
  bool shows = false;
  {
    const std::unique_lock lock(impl_->mutex);
    shows = impl_->Replace(std::move(entry));
  }
  if (shows) {
    impl_->Tell(change);
  }
}

void JobBoard::PutAll(std::vector<JobState> states) {
  std::vector<std::unique_ptr<Entry>> prepared;
  prepared.reserve(states.size());
  for (JobState& state : states) {
    prepared.push_back(impl_->Prepare(std::move(state)));
  }
  const std::unique_lock lock(impl_->mutex);
  for (std::unique_ptr<Entry>& entry : prepared) {
    impl_->Replace(std::move(entry));
  }
}

void JobBoard::Remove(std::string_view job_id) {
  {
    const std::unique_lock lock(impl_->mutex);
    const auto found = impl_->entries.find(job_id);
    if (found == impl_->entries.end()) {
      return;
    }
    impl_->Unlink(*found->second);
    impl_->entries.erase(found);
    impl_->version.fetch_add(1, std::memory_order_release);
  }
  impl_->Tell({std::string(job_id), nullptr, nullptr});
}

void JobBoard::Touch(std::string_view job_id, base::Timestamp observed_at) {
  const std::shared_lock lock(impl_->mutex);
  const auto found = impl_->entries.find(job_id);
  if (found != impl_->entries.end()) {
    found->second->view->looked_at.store(observed_at.time_since_epoch().count(),
                                         std::memory_order_relaxed);
  }
}

JobViewPtr JobBoard::Find(std::string_view job_id) const { return impl_->FindView(job_id); }

JobViewPtr JobBoard::FindByName(std::string_view team_id, std::string_view name) const {
  const std::string key = LowerCase(name);
  const std::shared_lock lock(impl_->mutex);
  for (auto place = impl_->by_name.lower_bound({key, "", nullptr});
       place != impl_->by_name.end() && place->key == key; ++place) {
    const Job& job = place->entry->view->state.job;
    if (job.team_id == team_id && job.name == name && job.desired != DesiredState::kDeleted) {
      return place->entry->view;
    }
  }
  return nullptr;
}

JobViewPtr JobBoard::FindByEngineId(std::string_view engine_job_id) const {
  const std::shared_lock lock(impl_->mutex);
  const auto found = impl_->by_engine_id.find(engine_job_id);
  if (found == impl_->by_engine_id.end()) {
    return nullptr;
  }
  const auto entry = impl_->entries.find(found->second);
  return entry == impl_->entries.end() ? nullptr : entry->second->view;
}

std::shared_ptr<const std::string> JobBoard::Summary(std::string_view job_id) const {
  const std::shared_lock lock(impl_->mutex);
  const auto found = impl_->entries.find(job_id);
  if (found == impl_->entries.end()) {
    return nullptr;
  }
  auto fresh = std::make_shared<std::string>();
  AppendFresh(*fresh, *found->second);
  return fresh;
}

base::Result<JobPagePtr> JobBoard::List(const JobQuery& query) const {
  const std::string key = KeyOf(query);
  if (JobPagePtr page = impl_->FreshPage(key)) {
    return page;
  }
  const std::lock_guard building(impl_->build_mutex);
  if (JobPagePtr page = impl_->FreshPage(key)) {
    return page;
  }
  Impl::KeptPage kept;
  {
    const std::shared_lock lock(impl_->mutex);
    kept.version = impl_->version.load(std::memory_order_acquire);
    kept.made_at = impl_->clock.SteadyNow();
    kept.page = SP_TRY(impl_->BuildPage(query));
  }
  JobPagePtr page = kept.page;
  if (page->body.size() > kLargestPageKept) {
    return page;  // whoever reads the whole list reads each page once
  }
  const std::unique_lock lock(impl_->pages_mutex);
  if (impl_->pages.size() >= kPagesKept) {
    impl_->pages.clear();
  }
  impl_->pages[key] = std::move(kept);
  return page;
}

JobCounts JobBoard::Count(const TeamSet& teams) const {
  JobCounts counts;
  const std::shared_lock lock(impl_->mutex);
  for (const auto& [team_id, of_team] : impl_->counts_by_team) {
    if (teams.Contains(team_id)) {
      counts.total += of_team.total;
      for (std::size_t badge = 0; badge < counts.by_badge.size(); ++badge) {
        counts.by_badge[badge] += of_team.by_badge[badge];
      }
    }
  }
  return counts;
}

std::vector<JobViewPtr> JobBoard::Attention(const TeamSet& teams, int limit) const {
  std::vector<JobViewPtr> found = Select([&](const JobView& view) {
    return view.state.job.desired != DesiredState::kDeleted && NeedsAttention(view.badge.badge) &&
           teams.Contains(view.state.job.team_id);
  });
  std::stable_sort(found.begin(), found.end(), [](const JobViewPtr& a, const JobViewPtr& b) {
    return UrgencyOf(a->badge.badge) < UrgencyOf(b->badge.badge);
  });
  if (found.size() > static_cast<std::size_t>(limit)) {
    found.resize(static_cast<std::size_t>(limit));
  }
  return found;
}

std::vector<JobViewPtr> JobBoard::Search(const TeamSet& teams, std::string_view text,
                                         int limit) const {
  JobQuery query;
  query.teams = teams;
  const std::string lower = LowerCase(text);
  std::vector<JobViewPtr> found =
      Select([&](const JobView& view) { return Matches(query, lower, view, ""); });
  // Names that begin with the text come first.
  std::stable_partition(found.begin(), found.end(), [&](const JobViewPtr& view) {
    return LowerCase(view->state.job.name).starts_with(lower);
  });
  if (found.size() > static_cast<std::size_t>(limit)) {
    found.resize(static_cast<std::size_t>(limit));
  }
  return found;
}

std::vector<JobViewPtr> JobBoard::LiveOn(std::string_view cluster_id) const {
  std::vector<JobViewPtr> live;
  const std::shared_lock lock(impl_->mutex);
  const auto found = impl_->live_on.find(cluster_id);
  if (found == impl_->live_on.end()) {
    return live;
  }
  live.reserve(found->second.size());
  for (const std::string& id : found->second) {
    const auto entry = impl_->entries.find(id);
    if (entry != impl_->entries.end()) {
      live.push_back(entry->second->view);
    }
  }
  return live;
}

std::vector<JobViewPtr> JobBoard::Select(const std::function<bool(const JobView&)>& wanted) const {
  std::vector<JobViewPtr> selected;
  const std::shared_lock lock(impl_->mutex);
  for (const NamePlace& place : impl_->by_name) {
    if (wanted(*place.entry->view)) {
      selected.push_back(place.entry->view);
    }
  }
  return selected;
}

std::size_t JobBoard::size() const {
  const std::shared_lock lock(impl_->mutex);
  return impl_->entries.size();
}

std::uint64_t JobBoard::version() const { return impl_->version.load(std::memory_order_acquire); }

}  // namespace streampark::console
