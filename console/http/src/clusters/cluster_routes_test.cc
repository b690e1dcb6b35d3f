// SPDX-License-Identifier: Apache-2.0
// Requests through the router, so that permissions and teams count, on services that only remember.
#include "streampark/http/clusters/cluster_routes.h"

#include <map>
#include <memory>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "streampark/base/json.h"

namespace streampark::http {
namespace {

using base::ErrorCode;
using console::Cluster;
using console::ClusterPtr;
using console::ClusterSpec;

base::Error NotAsked() { return {ErrorCode::kInternal, "not asked in these tests"}; }

class Clusters final : public console::ClusterService {
 public:
  void Put(const std::string& id, const std::string& team_id) {
    auto cluster = std::make_shared<Cluster>();
    cluster->id = id;
    cluster->spec.name = id;
    cluster->spec.team_id = team_id;
    all[id] = std::move(cluster);
  }

  ClusterPtr Find(std::string_view id) const override {
    const auto found = all.find(id);
    return found == all.end() ? nullptr : found->second;
  }
  ClusterPtr FindForTeam(std::string_view, std::string_view id) const override { return Find(id); }
  std::vector<ClusterPtr> List() const override {
    std::vector<ClusterPtr> list;
    for (const auto& [id, cluster] : all) {
      list.push_back(cluster);
    }
    return list;
  }
  std::shared_ptr<const engines::ClusterObservation> LastObservation(
      std::string_view) const override {
    return nullptr;
  }
  void WatchClosely(std::string_view, base::Millis) override {}
  base::Result<engines::Options> OptionsOf(std::string_view, std::stop_token) override {
    return NotAsked();
  }
  base::Result<std::vector<engines::LogFile>> ListLogs(std::string_view, std::stop_token) override {
    return std::vector<engines::LogFile>();
  }
  base::Result<engines::LogPiece> ReadLog(std::string_view, std::string_view log_id,
                                          std::optional<std::int64_t> offset, std::int64_t bytes,
                                          std::stop_token) override {
    return engines::LogPiece{.text = std::string(log_id) + "@" +
                                     (offset ? std::to_string(*offset) : "end") + "+" +
                                     std::to_string(bytes)};
  }
  void Attach(console::ClusterTenants&, console::ClusterObservationSink&) override {}
  base::Status Start() override { return base::Ok(); }
  void Stop() override {}
  base::Result<ClusterPtr> Create(ClusterSpec spec, std::stop_token) override {
    auto cluster = std::make_shared<Cluster>();
    cluster->id = "new";
    cluster->spec = std::move(spec);
    return ClusterPtr(cluster);
  }
  base::Result<ClusterPtr> Edit(std::string_view id, ClusterSpec spec, std::int64_t expected,
                                std::stop_token) override {
    auto cluster = std::make_shared<Cluster>(*Find(id));
    cluster->spec = std::move(spec);
    cluster->edition = expected + 1;
    return ClusterPtr(cluster);
  }
  base::Status Delete(std::string_view) override { return base::Ok(); }
  base::Result<console::ClusterSpecVerdict> Check(ClusterSpec, std::stop_token) override {
    return console::ClusterSpecVerdict{.errors = {{"/taskManagerMemory", "k", "too little", "h"}}};
  }
  base::Result<console::Operation> Command(std::string_view id,
                                           const console::ClusterCommand& command,
                                           const console::Requester& requester,
                                           std::string_view key) override {
    console::Operation operation;
    operation.id = "op";
    operation.subject = {console::SubjectKind::kCluster, std::string(id), "x", ""};
    operation.kind = command.kind;
    operation.requested_by = requester;
    last_command = command;
    last_key = key;
    return operation;
  }
  base::Result<console::Operation> Cancel(std::string_view) override { return NotAsked(); }
  base::Result<std::vector<engines::TaskManagerObservation>> ListTaskManagers(
      std::string_view, std::stop_token) override {
    return std::vector<engines::TaskManagerObservation>();
  }
  base::Result<std::vector<console::ClusterJob>> ListJobs(std::string_view) const override {
    const auto job = [](const char* id) {
      return engines::JobObservation{.engine_job_id = id, .name = std::string("name of ") + id};
    };
    using Tenant = console::ClusterTenants::Tenant;
    return std::vector<console::ClusterJob>{
        {.observed = job("mine"), .owner = Tenant{"j1", "one", "T1", "mine"}},
        {.observed = job("theirs"), .owner = Tenant{"j2", "two", "T2", "theirs"}},
        {.observed = job("foreign"), .owner = std::nullopt}};
  }
  void InstallationChanged(std::string_view) override {}

  std::map<std::string, ClusterPtr, std::less<>> all;
  console::ClusterCommand last_command;
  std::string last_key;
};

class Installations final : public console::InstallationService {
 public:
  console::InstallationPtr Find(std::string_view id) const override {
    return id == "i" ? installation : nullptr;
  }
  console::InstallationPtr FindByLine(std::string_view) const override { return nullptr; }
  std::vector<console::InstallationPtr> List() const override { return {installation}; }
  void Attach(Users, Changed) override {}
  base::Status Start() override { return base::Ok(); }
  void Stop() override {}
  base::Result<console::InstallationPtr> Fetch(std::string_view, const console::Requester&,
                                               std::string_view) override {
    return installation;
  }
  base::Result<console::InstallationPtr> Register(const std::filesystem::path&,
                                                  std::stop_token) override {
    return installation;
  }
  base::Result<console::Operation> Command(std::string_view, console::OperationKind,
                                           const console::Requester&, std::string_view) override {
    return NotAsked();
  }
  base::Result<console::Operation> Cancel(std::string_view) override { return NotAsked(); }
  base::Status Remove(std::string_view) override { return base::Ok(); }
  base::Result<std::vector<console::AvailableVersion>> ListAvailable(std::stop_token) override {
    return std::vector<console::AvailableVersion>{{.version = "2.3.0", .line = "2.3"}};
  }
  std::vector<std::string> UsedBy(std::string_view) const override { return {"shared", "t2"}; }

  console::InstallationPtr installation = [] {
    auto made = std::make_shared<console::Installation>();
    made->id = "i";
    return made;
  }();
};

class Fleet final : public console::FleetService {
 public:
  void Attach(console::ClusterTenants&) override {}
  base::Status Start() override { return base::Ok(); }
  void Stop() override {}
  base::Result<console::FleetOperation> Begin(console::FleetCommand command,
                                              const console::Requester&,
                                              std::string_view) override {
    console::FleetOperation operation;
    operation.id = "f";
    operation.command = command;
    return operation;
  }
  base::Result<console::FleetOperation> Find(std::string_view) const override {
    return base::Error(ErrorCode::kNotFound, "there is no such operation");
  }
};

class NoOperations final : public console::OperationStore {
 public:
  base::Result<console::Operation> Begin(const console::Operation&) override { return NotAsked(); }
  base::Status Save(const console::Operation&) override { return NotAsked(); }
  base::Result<std::optional<console::Operation>> Find(std::string_view) override {
    return NotAsked();
  }
  base::Result<std::optional<console::Operation>> FindByKey(const console::Subject&,
                                                            std::string_view) override {
    return NotAsked();
  }
  base::Result<console::OperationPage> List(console::SubjectKind, std::string_view, int limit,
                                            std::string_view after) override {
    console::OperationPage page;
    page.items.resize(static_cast<std::size_t>(limit));
    page.next_after = after.empty() ? "A" : "";
    return page;
  }
  base::Result<std::vector<console::Operation>> Recent(
      const std::optional<std::vector<std::string>>&, int) override {
    return NotAsked();
  }
  base::Result<std::vector<console::Operation>> ListOpen(console::SubjectKind) override {
    return NotAsked();
  }
  base::Status Open(const console::JournalEntry&) override { return NotAsked(); }
  base::Status Close(const console::JournalEntry&) override { return NotAsked(); }
  base::Result<std::optional<console::JournalEntry>> FindEntry(std::string_view, std::string_view,
                                                               std::string_view,
                                                               std::string_view) override {
    return NotAsked();
  }
  base::Result<std::vector<console::JournalEntry>> ListEntries(std::string_view) override {
    return NotAsked();
  }
};

class TwoTeams final : public console::Directory {
 public:
  std::optional<console::Team> FindTeam(std::string_view id) const override {
    if (id != "T1" && id != "T2") {
      return std::nullopt;
    }
    console::Team team;
    team.id = id;
    return team;
  }
  std::optional<console::User> FindUser(std::string_view) const override { return std::nullopt; }
  std::vector<console::Team> Teams() const override { return {}; }
  std::string TeamName(std::string_view id) const override { return std::string(id); }
  std::string UserName(std::string_view id) const override { return std::string(id); }
};

class ClusterRoutesTest : public testing::Test {
 protected:
  ClusterRoutesTest() {
    clusters.Put("shared", "");
    clusters.Put("t1", "T1");
    clusters.Put("t2", "T2");
    BindClusterRoutes(router, {.clusters = clusters,
                               .installations = installations,
                               .fleet = fleet,
                               .operations = operations,
                               .directory = teams,
                               .clock = clock});
  }

  static console::Caller Member(api::Role role) {
    console::Caller::Identity identity;
    identity.via = console::CallerVia::kWeb;
    identity.user_id = "u";
    identity.rights.memberships.push_back({"T1", role});
    return console::Caller(std::make_shared<const console::Caller::Identity>(std::move(identity)));
  }
  static console::Caller Administrator() {
    console::Caller::Identity identity;
    identity.via = console::CallerVia::kToken;
    identity.user_id = "root";
    identity.rights.platform_admin = true;
    return console::Caller(std::make_shared<const console::Caller::Identity>(std::move(identity)));
  }

  struct Answer {
    int status = 0;
    json::value body;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string code() const { return std::string(body.as_object().at("code").as_string()); }
    const json::array& items() const { return body.as_object().at("items").as_array(); }
  };
  Answer Ask(const console::Caller& caller, const std::string& method, const std::string& path,
             const std::string& body = "",
             std::vector<std::pair<std::string, std::string>> headers = {}) {
    Request request;
    request.method = method;
    request.path = path.substr(0, path.find('?'));
    if (const auto query = path.find('?'); query != std::string::npos) {
      const std::string pair = path.substr(query + 1);
      request.query.emplace_back(pair.substr(0, pair.find('=')), pair.substr(pair.find('=') + 1));
    }
    request.body = body;
    request.caller = caller;
    request.headers = std::move(headers);
    request.headers.emplace_back("content-type", "application/json");
    auto match = router.Find(method, request.path);
    EXPECT_TRUE(match.ok()) << path;
    request.path_parameters = match->path_parameters;
    auto answer = router.Run(*match, request);
    Response response =
        answer.ok() ? std::move(answer).value() : ProblemOf(answer.error(), "trace");
    Answer read{.status = response.status, .body = nullptr, .headers = response.headers};
    if (const auto* text = std::get_if<std::string>(&response.body); text && !text->empty()) {
      read.body = *json::Parse(*text);
    }
    return read;
  }

  base::ManualClock clock;
  Clusters clusters;
  Installations installations;
  Fleet fleet;
  NoOperations operations;
  TwoTeams teams;
  Router router;
};

const std::string kRemote =
    R"({"name":"x","engine":"FLINK","kind":"REMOTE","addresses":["http://h:1"])";

TEST_F(ClusterRoutesTest, AClusterOfAnotherTeamDoesNotExist) {
  const auto viewer = Member(api::Role::kViewer);
  EXPECT_EQ(Ask(viewer, "GET", "/api/v1/clusters").items().size(), 2U);
  EXPECT_EQ(Ask(viewer, "GET", "/api/v1/clusters/t1").status, 200);
  EXPECT_EQ(Ask(viewer, "GET", "/api/v1/clusters/shared").status, 200);
  for (const char* path :
       {"t2", "t2/logs", "t2/logs/x", "t2/jobs", "t2/operations", "t2/task-managers"}) {
    EXPECT_EQ(Ask(viewer, "GET", std::string("/api/v1/clusters/") + path).status, 404) << path;
  }
  EXPECT_EQ(Ask(viewer, "GET", "/api/v1/clusters?team=T2").status, 404);
  EXPECT_EQ(Ask(Administrator(), "GET", "/api/v1/clusters").items().size(), 3U);
}

TEST_F(ClusterRoutesTest, ASharedClusterIsThePlatformsToChange) {
  const auto admin_of_team = Member(api::Role::kAdmin);
  const std::string shared = kRemote + R"(,"teamId":null})";
  const std::string own = kRemote + R"(,"teamId":"T1"})";
  const std::string others = kRemote + R"(,"teamId":"T2"})";
  EXPECT_EQ(Ask(admin_of_team, "POST", "/api/v1/clusters", own).status, 201);
  EXPECT_EQ(Ask(admin_of_team, "POST", "/api/v1/clusters", shared).status, 403);
  EXPECT_EQ(Ask(admin_of_team, "POST", "/api/v1/clusters", others).status, 404);
  EXPECT_EQ(Ask(admin_of_team, "DELETE", "/api/v1/clusters/shared").status, 403);
  EXPECT_EQ(Ask(admin_of_team, "DELETE", "/api/v1/clusters/t1").status, 204);
  EXPECT_EQ(Ask(Member(api::Role::kOperator), "POST", "/api/v1/clusters", own).status, 403);
  EXPECT_EQ(Ask(Administrator(), "POST", "/api/v1/clusters", shared).status, 201);
}

TEST_F(ClusterRoutesTest, AnEditNeedsTheTagItRead) {
  const auto admin = Administrator();
  const std::string path = "/api/v1/clusters/t1";
  const std::string body = kRemote + "}";
  EXPECT_EQ(Ask(admin, "PUT", path, body).status, 428);
  EXPECT_EQ(Ask(admin, "PUT", path, body, {{"if-match", "\"9\""}}).code(), "STALE_EDIT");
  const Answer edited = Ask(admin, "PUT", path, body, {{"if-match", "\"1\""}});
  EXPECT_EQ(edited.status, 200);
  EXPECT_EQ(edited.body.at("etag").as_string(), "2");
  EXPECT_EQ(edited.body.at("spec").at("teamId").as_string(), "T1") << "absent: as it was";
}

TEST_F(ClusterRoutesTest, AWrongFieldIsNamed) {
  const Answer answer = Ask(Administrator(), "POST", "/api/v1/clusters",
                            R"({"name":"x","engine":"FLINK","kind":"REMOTE","adresses":[]})");
  EXPECT_EQ(answer.code(), "UNKNOWN_FIELD");
  EXPECT_EQ(answer.body.at("fields").at(0).at("pointer").as_string(), "/adresses");
}

TEST_F(ClusterRoutesTest, CommandsCarryTheirChoiceAndKey) {
  const auto operator_of_team = Member(api::Role::kOperator);
  const std::string path = "/api/v1/clusters/t1/operations";
  const Answer stop = Ask(operator_of_team, "POST", path, R"({"kind":"STOP","jobs":"SUSPEND"})",
                          {{"idempotency-key", "k"}});
  EXPECT_EQ(stop.status, 202);
  EXPECT_EQ(stop.body.at("requestedBy").at("via").as_string(), "WEB");
  EXPECT_EQ(clusters.last_command.kind, console::OperationKind::kStop);
  EXPECT_EQ(clusters.last_command.jobs, console::JobsOnStop::kSuspend);
  EXPECT_EQ(clusters.last_key, "k");
  EXPECT_EQ(Ask(operator_of_team, "POST", path, R"({"kind":"EXPLODE"})").status, 422);
  EXPECT_EQ(Ask(Member(api::Role::kDeveloper), "POST", path, R"({"kind":"STOP"})").status, 403);
  EXPECT_EQ(
      Ask(operator_of_team, "POST", "/api/v1/clusters/shared/operations", R"({"kind":"STOP"})")
          .status,
      403);
}

TEST_F(ClusterRoutesTest, JobsOfOtherTeamsStayUnnamed) {
  const Answer answer = Ask(Member(api::Role::kViewer), "GET", "/api/v1/clusters/shared/jobs");
  ASSERT_EQ(answer.items().size(), 3U);
  const json::object& mine = answer.items()[0].as_object();
  const json::object& theirs = answer.items()[1].as_object();
  const json::object& foreign = answer.items()[2].as_object();
  EXPECT_EQ(mine.at("jobId").as_string(), "j1");
  EXPECT_FALSE(theirs.contains("jobId"));
  EXPECT_TRUE(theirs.at("ours").as_bool());
  EXPECT_EQ(theirs.at("name").as_string(), "");
  EXPECT_FALSE(foreign.at("ours").as_bool());
  EXPECT_EQ(foreign.at("name").as_string(), "name of foreign");
}

TEST_F(ClusterRoutesTest, LogsAreReadInPieces) {
  const auto viewer = Member(api::Role::kViewer);
  EXPECT_EQ(Ask(viewer, "GET", "/api/v1/clusters/t1/logs/a.log").body.at("text").as_string(),
            "a.log@end+65536");
  EXPECT_EQ(
      Ask(viewer, "GET", "/api/v1/clusters/t1/logs/a.log?offset=5").body.at("text").as_string(),
      "a.log@5+65536");
  EXPECT_EQ(Ask(viewer, "GET", "/api/v1/clusters/t1/logs/a.log?bytes=9999999").status, 400);
}

TEST_F(ClusterRoutesTest, InstallationsShowOnlyClustersThatTheCallerSees) {
  const auto viewer = Member(api::Role::kViewer);
  const Answer answer = Ask(viewer, "GET", "/api/v1/installations/i");
  EXPECT_EQ(answer.body.at("clusterIds").as_array(), json::array{"shared"});
  EXPECT_EQ(Ask(viewer, "GET", "/api/v1/installations/none").status, 404);
  EXPECT_EQ(Ask(viewer, "DELETE", "/api/v1/installations/i").status, 403);
  const std::string draft = R"({"engine":"FLINK","version":"2.3.0"})";
  EXPECT_EQ(Ask(viewer, "POST", "/api/v1/installations", draft).status, 403);
  EXPECT_EQ(Ask(Administrator(), "POST", "/api/v1/installations", draft).status, 202);
  EXPECT_EQ(Ask(Administrator(), "POST", "/api/v1/installations",
                R"({"engine":"FLINK","version":"2.3.0","home":"/x"})")
                .status,
            422);
}

TEST_F(ClusterRoutesTest, TheFleetIsThePlatforms) {
  EXPECT_EQ(
      Ask(Member(api::Role::kAdmin), "POST", "/api/v1/fleet/operations", R"({"kind":"SUSPEND"})")
          .status,
      403);
  const Answer begun = Ask(Administrator(), "POST", "/api/v1/fleet/operations",
                           R"({"kind":"SUSPEND","force":true})");
  EXPECT_EQ(begun.status, 202);
  EXPECT_EQ(begun.body.at("kind").as_string(), "SUSPEND");
  EXPECT_EQ(Ask(Administrator(), "GET", "/api/v1/fleet/operations/none").status, 404);
}

TEST_F(ClusterRoutesTest, OperationsArePaged) {
  const Answer page =
      Ask(Member(api::Role::kViewer), "GET", "/api/v1/clusters/t1/operations?limit=2");
  EXPECT_EQ(page.items().size(), 2U);
  EXPECT_TRUE(page.body.at("nextCursor").is_string());
}

}  // namespace
}  // namespace streampark::http
