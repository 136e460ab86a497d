"""Nonsense in every field, query and address: a page that says so, never a crash, and nothing stored by half."""

import json

import pytest

from licence_server.domain.plan import Offer
from licence_server.web.console.access import NEEDS, PUBLIC
from tests.licence_server.office import ME
from tests.licence_server.web.console.reader import Reader
from tests.licence_server.web.console.test_rights import doors

FIELDS = (
    "name", "national_id", "email", "mobile", "phone", "address", "note", "representative", "users", "clients", "model",
    "ends", "site", "networks", "reason", "role", "present", "password", "again", "code", "q", "state", "after", "from",
    "why", "language", "theme", "next", "sure", "plan", "shown", "edition", "count", "unit", "features", "service",
    "credential", "stored", "days", "scope", "error",
    "overdraft_users", "overdraft_days", "network_policy", "on_clone", "kind", "leave_out", "page", "licence", "how",
    "within", "request", "until", "days", "licences", "by", "deed", "of", "since", "by_email", "by_sms",
)  # fmt: skip
NONSENSE = (
    "", "\x00", "a\x00b", "\ud800".encode("utf-8", "surrogatepass"), b"\xff\xfe", "\u202e", "9" * 400, "-1", "١٢٣",
    "1e9", "x" * 5_000, "'; DROP TABLE customers; --", "%s%n{0}", "0001-01-01", "9999-12-31", "۹۹۹۹/۱۲/۳۰", "1.cus_1",
)  # fmt: skip


@pytest.mark.parametrize("nonsense", NONSENSE, ids=range(len(NONSENSE)))
def test_no_nonsense_makes_a_page_crash(reader: Reader, nonsense: str | bytes) -> None:
    reader.enter("administrator")
    licence, _ = reader.office.sell()
    plan = reader.office.server.planning.add(Offer("Standard", 3), ME).id
    ids = {"licence_id": licence.id, "customer_id": licence.customer.id, "plan_id": plan}
    for endpoint, rule in sorted(doors(reader.office).items()):
        if endpoint in {"sign_out", "drop_second_factor"} or endpoint not in {*NEEDS, *PUBLIC}:
            continue
        values = {name: ids.get(name, "opr_1") for name in rule.arguments}
        path = str(rule.build(values, append_unknown=False)[1])  # type: ignore[index]
        form = dict.fromkeys(FIELDS, nonsense)
        if "POST" in (rule.methods or ()):
            answer = reader.post(path, form)
        else:
            answer = reader.client.get(path, base_url=reader.base, query_string=form)
        assert answer.status_code < 500, (endpoint, nonsense)
    lines = [json.loads(line) for line in reader.office.log.getvalue().splitlines()]
    assert not [line for line in lines if line["event"] == "crash"]
    assert reader.office.server.auditing.verify().valid
