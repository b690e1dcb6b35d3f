# SPDX-License-Identifier: Apache-2.0
"""What the console costs by itself: start, memory, the list under load. No engine runs."""
from __future__ import annotations

import concurrent.futures
import http.client
import json
import re
import subprocess
import time

from figures import Figures, cpu_seconds, median_and_worst, peak_rss_mib, repeated
from support.console import Console

LIST = "/api/v1/jobs?limit=50"


def seed(console: Console, count: int) -> None:
    """`count` jobs of one team on a cluster that is known by address alone."""
    team = console.rest.get("teams")["items"][0]
    cluster = console.rest.post("clusters", {"name": "elsewhere", "engine": "FLINK", "kind": "REMOTE", "addresses": ["http://127.0.0.1:9"],
                                             "savepointDirectory": "file:///tmp/savepoints", "checkpointDirectory": "file:///tmp/checkpoints"}, expect=201)
    sql = ("CREATE TABLE orders (id BIGINT, price DECIMAL(10, 2)) WITH ('connector' = 'datagen');\n"
           "CREATE TABLE totals (id BIGINT, total DECIMAL(38, 2)) WITH ('connector' = 'blackhole');\n"
           "INSERT INTO totals SELECT id, SUM(price) FROM orders GROUP BY id;\n")

    def create(number: int) -> None:
        console.rest.post("jobs", {"name": f"orders-{number:05}", "teamId": team["id"], "description": "Totals of orders by id",
                                   "tags": ["bench", f"group-{number % 10}"],
                                   "spec": {"engine": "FLINK", "type": "SQL", "target": {"clusterId": cluster["id"]}, "sql": sql, "parallelism": 2}}, expect=201)

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(create, range(count)))


def fetch_list(port: int, token: str) -> bool:
    """Whether the whole list was answered; false while nobody listens yet."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", LIST, headers={"Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        body = answer.read()
        return answer.status == 200 and len(json.loads(body)["items"]) == 50
    except OSError:
        return False
    finally:
        connection.close()


def start_to_first_list(figures: Figures, console: Console) -> None:
    token = console.token()
    console.stop()

    def measure() -> float:
        begin = time.perf_counter()
        with console.log.open("ab") as log:
            process = subprocess.Popen(console.command_line(), stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        while not fetch_list(console.port, token):
            if time.perf_counter() - begin > 20 or process.poll() is not None:
                raise RuntimeError(f"the console does not answer: {console.log_tail()}")
            time.sleep(0.001)
        took = (time.perf_counter() - begin) * 1000
        process.terminate()
        process.wait(timeout=20)
        return took

    median, worst = median_and_worst(repeated(measure))
    figures.add("start_to_first_list_ms", median, "ms", worst=round(worst, 1), jobs=1000)
    console.start()


def memory(figures: Figures, console: Console, idle_seconds: float) -> None:
    """Its peak after a minute idle, a sign-in (Argon2id) and two hundred lists."""
    time.sleep(idle_seconds)
    sign_in(console)
    token = console.rest.token or ""
    for _ in range(200):
        fetch_list(console.port, token)
    figures.add("rss_mib", peak_rss_mib(console.pid), "MiB", idle_s=idle_seconds)


def sign_in(console: Console) -> dict[str, str]:
    """Signs in as the first administrator with a fresh password; the session's cookie."""
    password = console.reset_password()
    for _ in range(20):  # a running console takes notice within two seconds
        connection = http.client.HTTPConnection("127.0.0.1", console.port, timeout=10)
        connection.request("POST", "/api/v1/session", json.dumps({"name": "admin", "password": password}), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        session = json.loads(answer.read())
        if answer.status == 200:
            break
        time.sleep(0.5)
    else:
        raise RuntimeError(f"sign-in was refused: {session}")
    name, value = answer.getheader("Set-Cookie").split(";")[0].split("=", 1)
    headers = {"Content-Type": "application/json", "Cookie": f"{name}={value}", "X-Streampark-Csrf": session["csrfToken"]}
    if session["passwordChangeRequired"]:
        connection.request("PUT", "/api/v1/session/password", json.dumps({"current": password, "replacement": password + "-kept"}), headers)
        changed = connection.getresponse()
        changed.read()
        if changed.status != 204:
            raise RuntimeError(f"the password was not changed: {changed.status}")
    return {"name": name, "value": value}


def list_under_load(figures: Figures, console: Console, seconds: int) -> None:
    """wrk on one thread beside the console; the floor is /healthz, the same server answering two bytes."""
    token = console.rest.token or ""
    floor = run_wrk(f"{console.url}/healthz", token, seconds)
    cpu = cpu_seconds(console.pid)
    loaded = run_wrk(console.url + LIST, token, seconds)
    cpu = cpu_seconds(console.pid) - cpu
    if loaded["failed"]:
        raise RuntimeError(f"{loaded['failed']} lists were not answered with 200")
    figures.add("job_list_p99_ms", loaded["p99_ms"], "ms", connections=16)
    figures.add("job_list_per_s", loaded["per_s"], "1/s", against=floor["per_s"], connections=16, per_cpu_s=round(loaded["requests"] / cpu))


def run_wrk(url: str, token: str, seconds: int) -> dict[str, float]:
    done = subprocess.run(["wrk", "-t1", "-c16", f"-d{seconds}s", "--latency", "-H", f"Authorization: Bearer {token}", url],
                          capture_output=True, text=True, check=True, timeout=seconds + 30)
    text = done.stdout
    amount, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", text).groups()
    failed = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    return {"p99_ms": float(amount) * {"us": 0.001, "ms": 1, "s": 1000}[unit], "per_s": float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1]),
            "requests": float(re.search(r"(\d+) requests in", text)[1]), "failed": int(failed[1]) if failed else 0}
