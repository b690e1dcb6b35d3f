# SPDX-License-Identifier: Apache-2.0
"""Who may do what: every route of the contract, asked by every role of two teams on a real console."""
from __future__ import annotations

import io
import re
import uuid
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import yaml

from support.console import ROOT, Console
from support.rest import Answer, RestClient, RestError

TEAMS = ("red", "blue")
ROLES = ("ADMIN", "DEVELOPER", "OPERATOR", "VIEWER")
CONTRACT = yaml.safe_load((ROOT / "api/openapi.yaml").read_text(encoding="utf-8"))
GRANTS = {name.upper(): role["grants"] for name, role in
          yaml.safe_load((ROOT / "api/permissions.yaml").read_text(encoding="utf-8"))["roles"].items()}
SECRET = "only-blue-may-read-this"


@dataclass(frozen=True)
class Route:
    operation: str
    method: str
    path: str
    permission: str
    scope: str
    content_types: tuple[str, ...]

    @property
    def parameters(self) -> list[str]:
        return re.findall(r"{(\w+)}", self.path)

    def granted_to(self, role: str) -> bool:
        return self.permission == "none" or "*" in GRANTS[role] or self.permission in GRANTS[role]


ROUTES = [Route(operation["operationId"], method.upper(), path, operation["x-permission"], operation["x-scope"],
                tuple(operation.get("requestBody", {}).get("content", ())))
          for path, item in CONTRACT["paths"].items()
          for method, operation in item.items() if method in ("get", "post", "put", "patch", "delete")]
OF_A_TEAM = [route for route in ROUTES if route.scope == "team"]


@dataclass
class House:
    """Two teams with the same things in each and one user for each role."""

    console: Console
    people: dict[tuple[str, str], RestClient] = field(default_factory=dict)
    things: dict[str, dict[str, str]] = field(default_factory=dict)  # team → path parameter → id
    teams: dict[str, str] = field(default_factory=dict)

    def ask(self, who: RestClient, route: Route, team: str, body: Any = None) -> Answer:
        path = re.sub(r"{(\w+)}", lambda match: self.things[team][match[1]], route.path)
        kind = route.content_types[0] if route.content_types else "application/json"
        if kind == "application/octet-stream":
            return answer_of(who, route.method, f"{path}?team={self.teams[team]}&name=x", b"no jar", kind)
        return answer_of(who, route.method, path, body, kind)


def answer_of(who: RestClient, method: str, path: str, body: Any,
              kind: str = "application/json") -> Answer:
    try:
        return who.request(method, path, body, content_type=kind,
                           headers={"Idempotency-Key": uuid.uuid4().hex, "If-Match": '"1"'})
    except RestError as refused:
        return refused.answer


def jar() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("META-INF/MANIFEST.MF", "Manifest-Version: 1.0\n")
    return content.getvalue()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with Console(tmp_path_factory.mktemp("access")) as console:
        house = House(console)
        admin = console.rest
        for team in TEAMS:
            house.teams[team] = admin.post("teams", {"name": team}, expect=201)["id"]
            for role in ROLES:
                name = f"{team}-{role.lower()}"
                user = admin.post("users", {"name": name}, expect=201)["user"]
                admin.put(f"teams/{house.teams[team]}/members/{user['id']}", {"role": role})
                house.people[team, role] = RestClient(console.port, console.token(name))
            house.things[team] = furnish(house, admin, team)
        yield house


def furnish(house: House, admin: RestClient, team: str) -> dict[str, str]:
    """A thing of each kind that a path can name; nothing of it needs an engine."""
    team_id = house.teams[team]
    cluster = admin.post("clusters", {"name": f"{team}-cluster", "engine": "FLINK", "kind": "REMOTE", "teamId": team_id,
                                      "description": SECRET if team == "blue" else "",
                                      "addresses": ["http://127.0.0.1:9"]}, expect=201)
    job = admin.post("jobs", {"name": f"{team}-job", "teamId": team_id,
                              "description": SECRET if team == "blue" else "",
                              "spec": {"engine": "FLINK", "type": "SQL", "target": {"clusterId": cluster["id"]},
                                       "sql": f"-- {SECRET if team == 'blue' else ''}\nSELECT 1"}}, expect=201)
    operation = admin.command(f"jobs/{job['id']}/operations", "RELEASE")
    house.console.await_operation(operation, expect="FAILED")
    resource = admin.post(f"resources?team={team_id}&name={team}-jar&fileName=a.jar", jar(), expect=201,
                          content_type="application/octet-stream")
    session = admin.post("users", {"name": f"{team}-somebody"}, expect=201)["user"]
    admin.put(f"teams/{team_id}/members/{session['id']}", {"role": "VIEWER"})
    return {"teamId": team_id, "userId": session["id"], "clusterId": cluster["id"], "jobId": job["id"],
            "operationId": operation["id"], "resourceId": resource["id"], "installationId": "01ARZ3NDEKTSV4RRFFQ69G5FAV",
            "snapshotId": "01ARZ3NDEKTSV4RRFFQ69G5FAV", "logId": "x", "number": "1", "sessionId": "x", "tokenId": "x"}


def names(route: Route) -> str:
    return route.operation


@pytest.mark.parametrize("route", ROUTES, ids=names)
def test_nobody_gets_in_without_credentials(house: House, route: Route) -> None:
    if route.scope == "public":
        return
    if route.operation == "getMetrics":  # this machine's own monitoring may read it
        return
    answer = house.ask(RestClient(house.console.port), route, "red")
    assert (answer.status, answer.body["code"]) == (401, "UNAUTHENTICATED")


@pytest.mark.parametrize("route", [r for r in ROUTES if r.scope == "platform"], ids=names)
def test_the_platform_is_for_its_administrators(house: House, route: Route) -> None:
    if route.operation == "getMetrics":
        return
    for role in ROLES:
        answer = house.ask(house.people["red", role], route, "red", {})
        assert (answer.status, answer.body["code"]) == (403, "FORBIDDEN"), role


@pytest.mark.parametrize("route", [r for r in OF_A_TEAM if r.parameters and "installationId" not in r.parameters],
                         ids=names)
def test_what_belongs_to_another_team_does_not_exist(house: House, route: Route) -> None:
    """CVE-2024-34457 was this hole."""
    for role in ROLES:
        answer = house.ask(house.people["red", role], route, "blue", {"kind": "STOP"})
        assert (answer.status, answer.body["code"]) == (404, "NOT_FOUND"), (role, answer.body)
        assert SECRET not in str(answer.body)


@pytest.mark.parametrize("route", OF_A_TEAM, ids=names)
def test_a_role_may_what_it_is_granted(house: House, route: Route) -> None:
    for role in ROLES:
        who = house.people["red", role]
        if not route.granted_to(role):
            answer = house.ask(who, route, "red", {})
            assert (answer.status, answer.body["code"]) == (403, "FORBIDDEN"), (role, answer.body)
        elif route.method == "GET" or (route.content_types and route.method != "DELETE"):
            # What an empty or senseless body is refused for is not a matter of rights.
            answer = house.ask(who, route, "red", {"noSuchField": 1})
            assert answer.status not in (401, 403), (role, answer.body)


@pytest.mark.parametrize("route", [r for r in ROUTES if r.method == "GET" and not r.parameters
                                   and r.operation not in ("streamEvents", "getMetrics")], ids=names)
def test_lists_hold_nothing_of_another_team(house: House, route: Route) -> None:
    for role in ROLES:
        for query in ("", "?q=blue", f"?team={house.teams['blue']}", "?team=blue"):
            answer = answer_of(house.people["red", role], "GET", route.path + query, None)
            if route.operation == "listTeams" or answer.status in (403, 404):
                continue
            assert SECRET not in str(answer.body), (role, query)
            assert "blue-" not in str(answer.body), (role, query)


def bodies(house: House, team: str) -> dict[str, Any]:
    """Well-formed bodies that name a team themselves."""
    team_id, things = house.teams[team], house.things[team]
    spec = {"engine": "FLINK", "type": "SQL", "target": {"clusterId": things["clusterId"]}, "sql": "SELECT 1"}
    question = {"teamId": team_id, "sql": "SELECT 1"}
    return {
        "createJob": {"name": "planted", "teamId": team_id, "spec": spec},
        "createCluster": {"name": "planted", "engine": "FLINK", "kind": "REMOTE", "teamId": team_id,
                          "addresses": ["http://127.0.0.1:9"]},
        "validateSql": question, "explainSql": question, "getSqlVocabulary": question,
        "planJobFile": job_file(team), "applyJobFile": job_file(team),
    }


def job_file(team: str) -> str:
    return yaml.safe_dump({"apiVersion": "streampark/v1", "kind": "Job", "metadata": {"name": "planted", "team": team},
                           "spec": {"engine": "flink", "type": "sql", "target": {"cluster": f"{team}-cluster"},
                                    "sql": "SELECT 1"}})


@pytest.mark.parametrize("operation", ["createJob", "createCluster", "validateSql", "explainSql", "getSqlVocabulary",
                                       "planJobFile", "applyJobFile", "uploadResource"])
def test_a_body_names_no_other_team(house: House, operation: str) -> None:
    route = next(r for r in ROUTES if r.operation == operation)
    for role in ROLES:
        if route.granted_to(role):
            answer = house.ask(house.people["red", role], route, "blue", bodies(house, "blue").get(operation))
            refusal = str(answer.body)
            assert answer.status in (404, 422) or "NOT_FOUND" in refusal or "VALIDATION_FAILED" in refusal, refusal
            assert SECRET not in refusal
    for path in ("jobs", "clusters", "resources"):
        assert "planted" not in str(house.console.rest.get(path))


def test_a_job_of_ones_own_uses_nothing_of_another_team(house: House) -> None:
    developer = house.people["red", "DEVELOPER"]
    spec = {"engine": "FLINK", "type": "SQL", "sql": "SELECT 1", "target": {"clusterId": house.things["blue"]["clusterId"]}}
    answer = answer_of(developer, "POST", "jobs", {"name": "thief", "teamId": house.teams["red"], "spec": spec})
    assert answer.status in (404, 422), answer.body
    spec["target"] = {"clusterId": house.things["red"]["clusterId"]}
    spec["dependencies"] = {"resources": ["blue-jar"]}
    answer = answer_of(developer, "POST", "jobs", {"name": "thief", "teamId": house.teams["red"], "spec": spec})
    if answer.status == 201:  # names are looked up at the release, in one's own team
        failed = house.console.await_operation(developer.command(f"jobs/{answer.body['id']}/operations", "RELEASE"),
                                               expect="FAILED")
        assert failed["error"]


def test_a_role_in_one_team_is_none_in_another(house: House) -> None:
    """Somebody who administrates red and looks at blue only looks at blue."""
    admin = house.console.rest
    user = admin.post("users", {"name": "both"}, expect=201)["user"]
    for team, role in (("red", "ADMIN"), ("blue", "VIEWER")):
        admin.put(f"teams/{house.teams[team]}/members/{user['id']}", {"role": role})
    both = RestClient(house.console.port, house.console.token("both"))
    assert both.get(f"jobs/{house.things['blue']['jobId']}")["name"] == "blue-job"
    for route in OF_A_TEAM:
        if route.parameters and "installationId" not in route.parameters and not route.granted_to("VIEWER"):
            assert house.ask(both, route, "blue", {}).status == 403, route.operation
