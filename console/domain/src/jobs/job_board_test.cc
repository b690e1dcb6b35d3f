// SPDX-License-Identifier: Apache-2.0
#include "streampark/console/jobs/job_board.h"

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

namespace streampark::console {
namespace {

JobState StateOf(std::string id, std::string name, std::string team = "t") {
  JobState state;
  state.job.id = std::move(id);
  state.job.name = std::move(name);
  state.job.team_id = std::move(team);
  state.job.owner = {"u", "owner"};
  return state;
}

class BoardTest : public ::testing::Test {
 protected:
  static JobBoard::Shown Show(const JobView& view) {
    const auto at = view.observed_at();
    return {"{\"name\":\"" + view.state.job.name + "\",\"observedAt\":" +
                (at ? "\"" + base::FormatTimestamp(*at) + "\"" : "null") + "}",
            "1.20.5"};
  }
  std::vector<std::string> Names(const JobQuery& query) {
    const auto page = board_.List(query);
    EXPECT_TRUE(page.ok());
    std::vector<std::string> names;
    const std::string& body = (*page)->body;
    for (std::size_t at = body.find("\"name\":\""); at != std::string::npos;
         at = body.find("\"name\":\"", at + 1)) {
      names.push_back(body.substr(at + 8, body.find('"', at + 8) - at - 8));
    }
    return names;
  }
  std::string CursorOf(const JobQuery& query) {
    const std::string& body = (*board_.List(query))->body;
    const std::size_t at = body.find("\"nextCursor\":\"");
    return at == std::string::npos ? "" : body.substr(at + 14, body.find('"', at + 14) - at - 14);
  }

  base::ManualClock clock_;
  JobBoard board_{clock_, Show};
};

TEST_F(BoardTest, ListsByNameWithoutRegardToCase) {
  for (const char* name : {"beta", "Alpha", "gamma"}) {
    board_.Put(StateOf(name, name));
  }
  EXPECT_EQ(Names({}), (std::vector<std::string>{"Alpha", "beta", "gamma"}));
  JobQuery down;
  down.descending = true;
  EXPECT_EQ(Names(down), (std::vector<std::string>{"gamma", "beta", "Alpha"}));
}

TEST_F(BoardTest, PagesCoverEverythingOnceInEveryOrder) {
  for (int i = 0; i < 57; ++i) {
    JobState state = StateOf("id" + std::to_string(i), "job " + std::to_string(i % 7));
    state.job.updated_at = base::Timestamp(base::Millis(i / 3));
    state.job.owner.name = std::to_string(i % 5);
    board_.Put(std::move(state));
  }
  for (int order = 0; order < 6; ++order) {
    for (const bool descending : {false, true}) {
      JobQuery query;
      query.order = static_cast<JobOrder>(order);
      query.descending = descending;
      query.limit = 10;
      std::size_t seen = 0;
      for (int page = 0; page < 10; ++page) {
        seen += Names(query).size();
        query.cursor = CursorOf(query);
        if (query.cursor.empty()) {
          break;
        }
      }
      EXPECT_EQ(seen, 57U) << order << descending;
    }
  }
}

TEST_F(BoardTest, ACursorSurvivesChangesButNotAnotherOrder) {
  for (const char* name : {"a", "b", "c", "d"}) {
    board_.Put(StateOf(name, name));
  }
  JobQuery query;
  query.limit = 2;
  query.cursor = CursorOf(query);
  board_.Remove("b");
  board_.Put(StateOf("bb", "bb"));
  EXPECT_EQ(Names(query), (std::vector<std::string>{"bb", "c"}));
  query.order = JobOrder::kOwner;
  EXPECT_EQ(board_.List(query).error().code(), base::ErrorCode::kInvalidCursor);
  query.cursor = "zz";
  EXPECT_EQ(board_.List(query).error().code(), base::ErrorCode::kInvalidCursor);
}

TEST_F(BoardTest, FiltersJoin) {
  JobState flights = StateOf("1", "Flights", "a");
  flights.job.tags = {"demo", "delay"};
  board_.Put(flights);
  board_.Put(StateOf("2", "weather", "b"));
  JobQuery query;
  query.teams = TeamSet::Of({"a"});
  EXPECT_EQ(Names(query), (std::vector<std::string>{"Flights"}));
  query.teams = TeamSet::All();
  query.text = "LIGHT";
  EXPECT_EQ(Names(query), (std::vector<std::string>{"Flights"}));
  query.tags = {"demo", "other"};
  EXPECT_TRUE(Names(query).empty());
  query = {};
  query.version = "1.20";
  EXPECT_EQ(Names(query).size(), 2U);
  query.version = "1.2";
  EXPECT_TRUE(Names(query).empty());
  query = {};
  query.badges = {Badge::kRunning};
  EXPECT_TRUE(Names(query).empty());
}

TEST_F(BoardTest, APageIsMadeOnceUntilSomethingChanges) {
  board_.Put(StateOf("1", "one"));
  const auto first = board_.List({});
  EXPECT_EQ(*first, *board_.List({}));
  board_.Put(StateOf("1", "one"));  // nothing of it shows
  EXPECT_EQ(*first, *board_.List({}));
  board_.Put(StateOf("1", "other"));
  EXPECT_NE(*first, *board_.List({}));
}

TEST_F(BoardTest, ALookMakesTheTimeFreshAndTellsNobody) {
  int told = 0;
  board_.Listen([&](const std::string&, const JobViewPtr&,
                    const std::shared_ptr<const std::string>&) { ++told; });
  JobState state = StateOf("1", "one");
  state.observed.observed_at = clock_.Now();
  board_.Put(state);
  clock_.Advance(base::Millis(5000));
  board_.Touch("1", clock_.Now());
  EXPECT_EQ(told, 1);
  EXPECT_NE(board_.Summary("1")->find(base::FormatTimestamp(clock_.Now())), std::string::npos);
  EXPECT_NE((*board_.List({}))->body.find(base::FormatTimestamp(clock_.Now())), std::string::npos);
}

TEST_F(BoardTest, DeletedJobsAreAListOfTheirOwn) {
  JobState state = StateOf("1", "gone");
  state.job.desired = DesiredState::kDeleted;
  board_.Put(state);
  board_.Put(StateOf("2", "there"));
  EXPECT_EQ(board_.Count(TeamSet::All()).total, 1);
  JobQuery query;
  query.deleted = true;
  EXPECT_EQ(Names(query), (std::vector<std::string>{"gone"}));
  EXPECT_EQ(board_.FindByName("t", "gone"), nullptr);
  EXPECT_NE(board_.FindByName("t", "there"), nullptr);
}

TEST_F(BoardTest, CountsFollowEveryChange) {
  board_.PutAll({StateOf("1", "one"), StateOf("2", "two")});
  JobState state = StateOf("3", "three");
  state.job.team_id = "other";
  board_.Put(state);
  const auto draft = static_cast<std::size_t>(board_.Find("1")->badge.badge);
  const auto of = [&](const TeamSet& teams) { return board_.Count(teams); };
  EXPECT_EQ(of(TeamSet::All()).total, 3);
  EXPECT_EQ(of(TeamSet::All()).by_badge[draft], 3);
  EXPECT_EQ(of(TeamSet::Of({"other"})).total, 1);
  state.job.team_id = "t";
  board_.Put(state);
  EXPECT_EQ(of(TeamSet::Of({"other"})).total, 0);
  state.job.desired = DesiredState::kDeleted;
  board_.Put(state);
  board_.Remove("2");
  EXPECT_EQ(of(TeamSet::Of({"t"})).total, 1);
  EXPECT_EQ(of(TeamSet::All()).by_badge[draft], 1);
}

TEST_F(BoardTest, BadgesKeepTheirSince) {
  board_.Put(StateOf("1", "one"));
  const auto since = board_.Find("1")->badge_since;
  clock_.Advance(base::Millis(1000));
  JobState renamed = StateOf("1", "renamed");
  board_.Put(renamed);
  EXPECT_EQ(board_.Find("1")->badge_since, since);
  renamed.job.released = renamed.job.wanted;
  board_.Put(renamed);
  EXPECT_EQ(board_.Find("1")->badge_since, clock_.Now());
}

TEST_F(BoardTest, LiveOnesAreFoundByClusterAndEngineId) {
  JobState state = StateOf("1", "one");
  state.attempt = Attempt{.id = "a", .engine_job_id = "e", .cluster_id = "c"};
  board_.Put(state);
  EXPECT_EQ(board_.LiveOn("c").size(), 1U);
  EXPECT_NE(board_.FindByEngineId("e"), nullptr);
  state.attempt->outcome = AttemptOutcome::kFinished;
  board_.Put(state);
  EXPECT_TRUE(board_.LiveOn("c").empty());
  board_.Remove("1");
  EXPECT_EQ(board_.FindByEngineId("e"), nullptr);
}

}  // namespace
}  // namespace streampark::console
