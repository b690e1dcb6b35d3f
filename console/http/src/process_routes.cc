// SPDX-License-Identifier: Apache-2.0
#include "streampark/http/process_routes.h"

#include "streampark/base/json.h"

#include "console_http_openapi.h"

namespace streampark::http {
namespace {

/// Turns a reader's place on the bus into server-sent events.
class BusStream final : public EventStream {
 public:
  BusStream(console::EventBus& bus, Authenticator& authenticator, console::Caller caller,
            std::string team_id, std::string last_event_id)
      : bus_(bus),
        authenticator_(authenticator),
        caller_(std::move(caller)),
        team_id_(std::move(team_id)),
        last_event_id_(std::move(last_event_id)) {}

  void OnWake(std::function<void()> wake) override {
    subscription_ = bus_.Subscribe(last_event_id_, std::move(wake));
    // The first bytes tell a client at once that it is connected, and from where it may resume.
    greeting_ = "retry: 2000\nid: " + subscription_->position() + "\n\n";
  }

  bool Take(std::string& out) override {
    out.append(greeting_);
    greeting_.clear();
    caller_ = authenticator_.Refresh(caller_);
    if (caller_.anonymous() || (!team_id_.empty() && !caller_.Sees(team_id_))) {
      return false;
    }
    constexpr std::size_t kPortion = 256;
    for (const console::Event& event : subscription_->Take(caller_, team_id_, kPortion)) {
      out.append("id: ").append(event.id).append("\nevent: ").append(event.type);
      // Data is JSON without line feeds, so that one line holds it.
      out.append("\ndata: ").append(*event.data).append("\n\n");
    }
    return true;
  }

 private:
  console::EventBus& bus_;
  Authenticator& authenticator_;
  console::Caller caller_;
  const std::string team_id_;
  const std::string last_event_id_;
  std::string greeting_;
  std::unique_ptr<console::EventSubscription> subscription_;
};

base::Result<Response> OpenEvents(const ProcessFace& face, const Request& request) {
  std::string team_id;
  if (const auto team = request.Query("team"); team && !team->empty()) {
    team_id = SP_TRY(console::RequireTeam(face.directory, request.caller,
                                          api::Permission::kTeamView, *team))
                  .id;
  }
  std::string last_event_id(request.Header("last-event-id"));
  // A browser that opens the page anew cannot set the header but may carry the id in the address.
  if (const auto after = request.Query("lastEventId"); after && last_event_id.empty()) {
    last_event_id = *after;
  }
  Response response;
  response.content_type = "text/event-stream";
  response.body = std::make_unique<BusStream>(face.events, face.authenticator, request.caller,
                                              std::move(team_id), std::move(last_event_id));
  return response;
}

json::value AboutJson(const ProcessFace& face) {
  return {{"version", face.version},
          {"bootId", face.events.boot_id()},
          {"startedAt", base::FormatTimestamp(face.started_at)},
          {"separateUser", face.separate_user},
          {"storage", StorageJson(face.storage())}};
}

}  // namespace

json::value StorageJson(const std::optional<StorageTrouble>& trouble) {
  if (!trouble) {
    return {{"writable", true}, {"since", nullptr}, {"error", nullptr}};
  }
  return {{"writable", false},
          {"since", base::FormatTimestamp(trouble->since)},
          {"error", ProblemJson(trouble->error)}};
}

void RegisterProcessRoutes(Router& router, const ProcessFace& face) {
  router.Bind(
      "getHealth", [](const Request&) -> base::Result<Response> { return Response::Text("ok\n"); },
      Execution::kInline);
  router.Bind(
      "getReadiness",
      [ready = face.ready](const Request&) -> base::Result<Response> {
        SP_TRY(ready());
        return Response::Text("ready\n");
      },
      Execution::kInline);
  router.Bind("getMetrics", [face](const Request&) -> base::Result<Response> {
    return Response::Text(face.metrics.Collect(), "text/plain; version=0.0.4; charset=utf-8");
  });
  router.Bind(
      "getAbout",
      [face](const Request&) -> base::Result<Response> { return Response::Json(AboutJson(face)); },
      Execution::kInline);
  const auto contract = std::make_shared<const std::string>(api::kOpenapiYaml);
  router.Bind(
      "getOpenapi",
      [contract](const Request&) -> base::Result<Response> {
        Response response = Response::Json(contract);
        response.content_type = "application/yaml";
        return response;
      },
      Execution::kInline);
  router.Bind(
      "streamEvents", [face](const Request& request) { return OpenEvents(face, request); },
      Execution::kInline);
}

}  // namespace streampark::http
