# SPDX-License-Identifier: Apache-2.0
"""The holes that Apache StreamPark has had, one test each: the same is tried on this console and must fail.

What a hole needed and this console does not have is tried all the same, so that it stays so.
"""
from __future__ import annotations

import base64
import contextlib
import http.client
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.console import ROOT, Console
from support.rest import Answer, RestClient, RestError

QUOTES = ["' OR '1'='1", "x' UNION SELECT name, password_hash FROM users --", "%", "_", "\\", '"; DROP TABLE users; --',
          "1; ATTACH DATABASE '/tmp/x' AS y"]
SHELL = ["$(touch {mark})", "`touch {mark}`", "; touch {mark}", "| touch {mark}", "&& touch {mark}", "|| touch {mark}",
         "> {mark}", "< {mark}", "\ntouch {mark}"]


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    with Console(tmp_path_factory.mktemp("cves")) as started:
        yield started


@pytest.fixture(scope="module")
def team(console: Console) -> dict[str, Any]:
    return console.rest.post("teams", {"name": "t"}, expect=201)


@pytest.fixture(scope="module")
def cluster(console: Console, team: dict[str, Any]) -> dict[str, Any]:
    return console.rest.post("clusters", {"name": "far", "engine": "FLINK", "kind": "REMOTE", "teamId": team["id"],
                                          "addresses": ["http://127.0.0.1:9"]}, expect=201)


def ask(who: RestClient, method: str, path: str, body: Any = None, **options: Any) -> Answer:
    try:
        return who.request(method, path, body, **options)
    except RestError as refused:
        return refused.answer


def user(console: Console, name: str) -> tuple[dict[str, Any], str]:
    made = console.rest.post("users", {"name": name}, expect=201)
    return made["user"], made["oneTimePassword"]


def browser(console: Console, name: str, password: str) -> tuple[Answer, dict[str, str]]:
    """Signs in as a browser does; the headers of the session."""
    answer = ask(RestClient(console.port), "POST", "session", {"name": name, "password": password})
    cookie = answer.headers.get("set-cookie", "").split(";")[0]
    return answer, {"Cookie": cookie, "X-Streampark-Csrf": (answer.body or {}).get("csrfToken", "")}


def raw_get(console: Console, target: str, token: str | None = None) -> tuple[int, bytes]:
    """Of what the contract does not have, as though it came through a proxy."""
    headers = {"X-Forwarded-For": "203.0.113.1", **({"Authorization": f"Bearer {token}"} if token else {})}
    connection = http.client.HTTPConnection("127.0.0.1", console.port, timeout=20)
    with contextlib.closing(connection):
        connection.request("GET", target, headers=headers)
        response = connection.getresponse()
        return response.status, response.read()


def columns(console: Console, query: str) -> list[tuple]:
    with contextlib.closing(sqlite3.connect(f"file:{console.data}/streampark.db?mode=ro", uri=True)) as database:
        return database.execute(query).fetchall()


def draft(team: dict[str, Any], cluster: dict[str, Any], name: str, **spec: Any) -> dict[str, Any]:
    return {"name": name, "teamId": team["id"], "spec": {"engine": "FLINK", "type": "SQL", "sql": "SELECT 1",
                                                         "target": {"clusterId": cluster["id"]}, **spec}}


def test_cve_2022_45801_injection_at_sign_in(console: Console) -> None:
    """There is no LDAP; a name is looked up as it is, whatever it holds."""
    for name in ["*", "admin)(&", "admin)(|(uid=*", *QUOTES]:
        answer, _ = browser(console, name, "x")
        assert (answer.status, answer.body["code"]) in ((401, "BAD_CREDENTIALS"), (429, "RATE_LIMITED"),
                                                        (422, "VALIDATION_FAILED")), (name, answer.body)


def test_cve_2022_45802_upload_of_any_type_into_any_folder(console: Console, team: dict[str, Any]) -> None:
    for file_name in ("../../../etc/cron.d/x", "/etc/passwd", "a/../../b.jar", "..\\x.jar"):
        answer = ask(console.rest, "POST", "resources", b"#!/bin/sh\n", content_type="application/octet-stream",
                     query={"team": team["id"], "name": "r", "fileName": file_name})
        assert answer.status in (400, 415, 422), (file_name, answer.body)
    stored = [path for path in (console.data / "artifacts").rglob("*") if path.is_file()]
    assert stored == []


def test_cve_2022_46365_a_profile_edit_of_another_account(console: Console) -> None:
    user(console, "mallory")
    mallory = RestClient(console.port, console.token("mallory"))
    for field, text in (("name", "admin"), ("id", "x"), ("userId", "x"), ("platformAdmin", True)):
        assert ask(mallory, "PUT", "profile", {"displayName": "x", field: text}).status in (400, 422)
    mallory.put("profile", {"displayName": "me"})
    admin = next(u for u in console.rest.get("users")["items"] if u["name"] == "admin")
    assert admin["displayName"] != "me"


def test_cve_2023_30867_injection_by_a_search(console: Console) -> None:
    users = {u["name"] for u in console.rest.get("users")["items"]}
    for text in QUOTES:
        for path in ("users", "jobs", "audit", "search"):
            answer = ask(console.rest, "GET", path, query={"q": text})
            assert answer.status == 200 or answer.body["code"] in ("VALIDATION_FAILED", "INVALID_REQUEST"), answer.body
            assert "argon2" not in str(answer.body)
    assert {u["name"] for u in console.rest.get("users")["items"]} >= users
    # Signs with a meaning in patterns are taken literally.
    assert [u["name"] for u in console.rest.get("users", q="%")["items"]] == []


def commands_are_not_run(console: Console, team: dict, cluster: dict, tmp_path: Path) -> None:
    """Nothing that people write reaches a shell, wherever it may stand."""
    mark = tmp_path / "ran"
    for template in SHELL:
        text = template.format(mark=mark)
        for spec in ({"dependencies": {"maven": [f"a:b:{text}"]}}, {"dependencies": {"maven": [f"{text}:b:1"]}}):
            answer = ask(console.rest, "POST", "jobs", draft(team, cluster, "j", **spec))
            assert answer.status in (400, 422), (text, answer.body)
            answer = ask(console.rest, "POST", "sql/validate", {
                "teamId": team["id"], "sql": "SELECT 1", "dependencies": spec["dependencies"]})
            assert answer.status in (400, 404, 422), (text, answer.body)
        answer = ask(console.rest, "POST", "installations", {"engine": "FLINK", "version": text}, expect=202)
        assert answer.status in (202, 400, 404, 422), answer.body
        ask(console.rest, "POST", "installations", {"engine": "FLINK", "home": text}, expect=202)
    assert not mark.exists()


def test_cve_2023_49898_commands_in_build_arguments(console, team, cluster, tmp_path) -> None:
    commands_are_not_run(console, team, cluster, tmp_path)


def test_cve_2023_52291_redirections_in_build_arguments(console, team, cluster, tmp_path) -> None:
    commands_are_not_run(console, team, cluster, tmp_path)


def test_cve_2024_29737_back_ticks_and_accounts_that_everybody_knows(console, team, cluster, tmp_path) -> None:
    commands_are_not_run(console, team, cluster, tmp_path)
    for name in ("admin", "test1", "test2", "test3"):
        answer, _ = browser(console, name, "streampark")
        assert answer.status in (401, 429), name


def test_cve_2025_30001_commands_of_signed_in_people(console, team, cluster, tmp_path) -> None:
    commands_are_not_run(console, team, cluster, tmp_path)
    # No source of ours runs a shell's line.
    for folder in ("base", "console", "engines", "cli"):
        for source in (ROOT / folder).rglob("*.cc"):
            text = source.read_text(encoding="utf-8")
            assert not re.search(r"\b(std::|::)?(system|popen)\s*\(\"?", re.sub(r"//.*", "", text)), source


def test_cve_2023_52290_injection_in_the_sort_field(console: Console) -> None:
    for text in ["name; DROP TABLE users", "(CASE WHEN 1=1 THEN name ELSE id END)", "name,(SELECT 1)", "password_hash"]:
        answer = ask(console.rest, "GET", "jobs", query={"sort": text})
        assert answer.status in (400, 422), (text, answer.body)


def test_cve_2024_29070_a_session_after_signing_out(console: Console) -> None:
    _, password = user(console, "leaver")
    _, headers = browser(console, "leaver", password)
    client = RestClient(console.port)
    assert ask(client, "GET", "session", headers=headers).status == 200
    assert ask(client, "DELETE", "session", headers=headers).status == 204
    assert ask(client, "GET", "session", headers=headers).status == 401
    # And a token after its revocation, a session after a new password.
    made = console.rest.post("tokens", {"name": "t"}, expect=201)
    holder = RestClient(console.port, made["secret"])
    assert ask(holder, "GET", "profile/sessions").status == 200
    console.rest.delete(f"tokens/{made['token']['id']}")
    assert ask(holder, "GET", "profile/sessions").status == 401
    somebody, password = user(console, "forgetful")
    _, headers = browser(console, "forgetful", password)
    token = RestClient(console.port, console.token("forgetful"))
    console.rest.post(f"users/{somebody['id']}/password", expect=200)
    assert ask(client, "GET", "session", headers=headers).status == 401
    assert ask(token, "GET", "about").status == 401


def test_cve_2024_29120_hashes_of_other_users(console: Console) -> None:
    user(console, "curious")
    curious = RestClient(console.port, console.token("curious"))
    assert ask(curious, "GET", "users").status == 403
    for who in (console.rest, curious):
        for path in ("users", "session", "profile/sessions", "tokens", "teams", "audit", "roles", "overview"):
            text = str(ask(who, "GET", path).body).lower()
            for word in ("argon2", "hash", "salt", "digest"):
                assert word not in text, (path, word)


def test_cve_2024_29178_templates_that_are_evaluated(console: Console, team: dict, cluster: dict) -> None:
    """There is no template engine; text stays text."""
    for text in ("${7*7}", "<#assign x='freemarker.template.utility.Execute'?new()>${x('id')}", "{{7*7}}", "#{7*7}"):
        job = console.rest.post("jobs", {**draft(team, cluster, f"t-{abs(hash(text))}", sql=f"-- {text}\nSELECT 1"),
                                         "description": text}, expect=201)
        assert console.rest.get(f"jobs/{job['id']}")["description"] == text
        assert text in console.rest.get(f"jobs/{job['id']}/yaml")


def test_cve_2024_34457_jobs_of_others(console: Console, team: dict, cluster: dict) -> None:
    """By id, whatever the route; test_access.py walks all of them."""
    job = console.rest.post("jobs", draft(team, cluster, "secret-job", sql="-- secret\nSELECT 1"), expect=201)
    user(console, "stranger")
    stranger = RestClient(console.port, console.token("stranger"))
    for path in ("", "/yaml", "/revisions", "/revisions/1", "/operations", "/configuration", "/results", "/snapshots"):
        answer = ask(stranger, "GET", f"jobs/{job['id']}{path}")
        assert answer.status in (403, 404), path
        assert "secret-job" not in str(answer.body)


def test_cve_2024_48988_injection_anywhere(console: Console) -> None:
    """Statements are constants; what people write is bound to them."""
    for text in QUOTES:
        for path in ("jobs/{}", "teams/{}", "operations/{}", "clusters/{}"):
            assert raw_get(console, "/api/v1/" + path.format(encoded(text)), console.rest.token)[0] == 404, (path, text)
        for query in ({"team": text}, {"cursor": text}, {"tag": text}, {"owner": text}, {"badge": text}):
            answer = ask(console.rest, "GET", "jobs", query=query)
            assert answer.status in (200, 400, 404, 422), (query, answer.body)
    assert columns(console, "SELECT COUNT(*) FROM users")[0][0] > 0


def encoded(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode())


def test_cve_2025_53960_a_password_as_key_of_tokens(console: Console) -> None:
    """Sessions and tokens are random and known by their digest: nothing of a user makes or checks them."""
    _, password = user(console, "holder")
    answer, headers = browser(console, "holder", password)
    secret = headers["Cookie"].split("=", 1)[1]
    assert answer.status == 200 and secret.count(".") == 0, "a session is no signed statement"
    stored = str(columns(console, "SELECT * FROM sessions") + columns(console, "SELECT * FROM tokens"))
    assert secret not in stored and (console.rest.token or "-") not in stored
    forged = ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in
                      (b'{"alg":"none"}', b'{"userName":"admin","exp":9999999999}', b""))
    assert ask(RestClient(console.port, forged), "GET", "about").status == 401


def test_cve_2025_54947_a_key_that_everybody_has(console: Console) -> None:
    """No key is compiled in: nothing is kept encrypted, and two consoles have nothing in common."""
    hashes = [row[0] for row in columns(console, "SELECT password_hash FROM users")]
    assert all(text.startswith("$argon2id$") for text in hashes)
    assert len({text.split("$")[4] for text in hashes}) == len(hashes), "each has a salt of its own"


def test_cve_2025_54981_weak_ciphers_and_weak_random_numbers(console: Console) -> None:
    secrets = [console.rest.post("tokens", {"name": f"n{i}"}, expect=201)["secret"] for i in range(20)]
    assert len({secret[4:12] for secret in secrets}) == len(secrets)
    assert all(len(secret) >= 40 for secret in secrets)  # 32 random bytes
    for folder in ("base", "console", "engines", "cli"):
        for source in (ROOT / folder).rglob("*.cc"):
            text = re.sub(r"//.*", "", source.read_text(encoding="utf-8"))
            assert not re.search(r"\b(std::)?(rand|srand|mt19937|random_device)\b\s*[({]|EVP_aes_\d+_ecb", text), source


def test_files_of_the_server_are_not_read_by_path(console: Console, cluster: dict) -> None:
    """Open at the original's head: read_conf and its like take any path of a signed-in user."""
    for target in ("/../../../../etc/passwd", "/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
                   "/assets/..%2f..%2f..%2fetc/passwd"):
        assert b"root:" not in raw_get(console, target)[1], target
    status, _ = raw_get(console, f"/api/v1/clusters/{cluster['id']}/logs/..%2f..%2fstreampark.db", console.rest.token)
    assert status in (404, 422, 502, 503, 504)


def test_nothing_is_open_beside_the_contract(console: Console) -> None:
    """The original left /actuator, /h2-console and a proxy that passes credentials on."""
    for path in ("/actuator", "/actuator/env", "/h2-console", "/proxy/flink/1/", "/metrics"):
        assert raw_get(console, path)[0] in (401, 404), path


def test_addresses_of_the_machines_own_services_are_refused(console: Console, team: dict) -> None:
    """The original's checks and callbacks were tools to reach what only the server reaches."""
    for address in ("http://169.254.169.254", "http://[fe80::1]:80", "http://2852039166", "file:///etc/passwd"):
        answer = ask(console.rest, "POST", "clusters", {"name": "ssrf", "engine": "FLINK", "kind": "REMOTE",
                                                        "teamId": team["id"], "addresses": [address]})
        assert answer.status == 422, (address, answer.body)
