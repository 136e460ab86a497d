"""Health, metrics and logs: what operators see, and what nobody may."""

import json
import os
import re
import threading

import pytest

from keys.disk import write_whole
from keys.identity import new_code
from licence_server.web.metrics import BUCKETS, OUTCOMES, Tallies
from tests.licence_server.device import Device
from tests.licence_server.office import Home, Office, device_at, problem


def lines(office: Office) -> list[dict]:
    return [json.loads(line) for line in office.log.getvalue().splitlines()]


def test_alive_and_ready(office: Office) -> None:
    assert office.call("GET", "/healthz").json == {"status": "alive"}
    assert office.call("GET", "/readyz").json == {"status": "ready"}


def test_not_ready_without_the_database(office: Office, home: Home) -> None:
    office.server.database.close()
    (home.path / "licences.sqlite3").rename(home.path / "gone")
    (home.path / "licences.sqlite3").mkdir()
    response = office.call("GET", "/readyz")
    assert (response.status_code, problem(response)["type"]) == (503, "urn:licence:problem:unavailable")
    assert office.call("GET", "/healthz").status_code == 200


def test_not_ready_with_a_trust_document_that_does_not_follow(office: Office, home: Home) -> None:
    write_whole(home.path / "keys" / "trust.json", b"{}")
    for path in ("/readyz", "/agent/v1/trust"):
        assert office.call("GET", path).status_code == 503


def test_metrics_count_what_was_answered(office: Office, device: Device) -> None:
    device.validate()
    office.post("validations", b"nonsense")
    office.address = "127.0.0.1"
    text = office.call("GET", "/metrics").text
    assert 'licence_server_requests_total{endpoint="validation",outcome="done"} 1.0' in text
    assert 'licence_server_requests_total{endpoint="validation",outcome="malformed"} 1.0' in text
    assert 'licence_server_request_seconds_count{endpoint="validation"} 2.0' in text
    assert f"licence_server_trust_expires_at {float(office.server.vault.trust.expires_at):.7e}" in text


@pytest.mark.parametrize("address", ["203.0.113.7", "10.0.0.1", "2001:db8::1"])
def test_metrics_are_for_named_networks_alone(office: Office, address: str) -> None:
    office.address = address
    assert problem(office.call("GET", "/metrics"))["type"] == "urn:licence:problem:not-found"


def test_metrics_are_not_public_behind_a_proxy_on_this_machine(office: Office) -> None:
    office.address = "127.0.0.1"
    for header in ("203.0.113.7", "127.0.0.1"):
        assert office.call("GET", "/metrics", headers={"X-Forwarded-For": header}).status_code == 404


def test_processes_and_threads_count_together() -> None:
    tallies = Tallies(3)

    def work(row: int) -> None:
        tallies.take_row(row)
        for _ in range(1000):
            tallies.count("validation", "done", 0.002)

    children = []
    for row in range(3):
        child = os.fork()
        if not child:
            threads = [threading.Thread(target=work, args=(row,)) for _ in range(2)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            os._exit(0)
        children.append(child)
    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0, 0]
    assert tallies.requests("validation", "done") == 6000
    buckets, total = tallies.seconds("validation")
    assert (buckets[-1], round(total, 6)) == (("+Inf", 6000.0), 12.0)
    assert len(buckets) == len(BUCKETS)


def test_what_has_no_name_is_counted_all_the_same() -> None:
    tallies = Tallies()
    tallies.count("nothing", "nothing", 99.0)
    assert tallies.requests("other", "crashed") == 1
    assert len(set(OUTCOMES)) == len(OUTCOMES)


def test_one_line_a_request_with_its_id(office: Office) -> None:
    response = office.call("GET", "/healthz", headers={"X-Request-Id": "mine"})
    (line,) = lines(office)
    assert line["request"] == response.headers["Request-Id"]
    assert re.fullmatch(r"req_[0-9a-z]{20}", line["request"])
    assert (line["method"], line["endpoint"], line["status"], line["outcome"]) == ("GET", "alive", 200, "done")
    assert line["address"] == "203.0.113.7"
    assert line["at"] == "2027-01-15T08:00:00+00:00"


def test_no_code_gets_into_the_log_wherever_it_is_put(office: Office) -> None:
    code = new_code(os.urandom)
    office.post("activations", device_at(office).activation_request(code))
    office.post("activations", code.encode(), **{"X-Forwarded-For": code, "User-Agent": code, "Cookie": code})
    office.call("GET", f"/agent/v1/activations/{code}?code={code}")
    office.call(code[:5], "/")
    log = office.log.getvalue()
    assert len(lines(office)) == 4
    assert code not in log
    assert code.replace("-", "") not in log


@pytest.mark.parametrize("poison", ["\r\n{}", "\x1b[31m", "\u202e", "\u2028", "\x00", "x" * 10_000])
def test_no_text_of_others_fakes_a_line_or_a_colour(office: Office, poison: str) -> None:
    environ = {"REMOTE_ADDR": poison, "REQUEST_METHOD": f"GET{poison}"}
    office.app.test_client().open("/", environ_overrides=environ)
    log = office.log.getvalue()
    assert len(lines(office)) == 1
    assert log.isascii()
    assert "\x1b" not in log
    assert len(log) < 1000


def test_answers_are_not_kept_by_proxies(office: Office) -> None:
    headers = office.call("GET", "/agent/v1/trust").headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
