"""What the CRM shows of the licence, the health of the agent, and its figures."""

import pytest

from agent.domain.mode import Standing
from tests.agent.web.server import ADMINISTRATOR, Crm
from tests.fakes import START


@pytest.mark.parametrize(("language", "words"), [("en", 'dir="ltr"'), ("fa", 'dir="rtl"'), ("", 'dir="ltr"')])
def test_the_licence_screen_is_one_call(crm: Crm, language: str, words: str) -> None:
    got = crm.call("GET", f"/v1/licence.html{language and '?lang='}{language}")
    assert (got.status, got.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert words in got.content.decode()
    assert "Pars Steel" in got.content.decode()
    assert crm.call("GET", "/v1/licence.html", token=None).problem == "token-invalid"


def test_the_licence_page_says_how_the_last_validation_went_and_brings_the_trust(crm: Crm) -> None:
    page = crm.call("GET", "/v1/licence").json
    assert (page["last_validated_at"], page["network_policy"]) == (START, "enforce")
    assert (page["last_failure"], page["trust"]) == ("The server was away.", '{"signed": "trust"}')


def test_the_licence_page_has_what_a_crm_shows_and_the_document_that_proves_it(crm: Crm) -> None:
    crm.check_out("sara")
    page = crm.call("GET", "/v1/licence").json
    assert (
        page.items()
        >= {
            "mode": "full",
            "reason": "active",
            "status": "active",
            "days_left": None,
            "customer": {"id": "cus_1", "name": "Pars Steel"},
            "product": "Owj CRM",
            "edition": "standard",
            "features": ["reports"],
            "notices": [],
            "document": "signed.licence.bytes",
        }.items()
    )
    assert page["seats"]["model"] == "concurrent"
    assert page["seats"]["users"] == {"used": 1, "limit": 3}


def test_without_a_licence_the_page_says_so(crm: Crm) -> None:
    crm.office.standing = lambda: Standing("blocked", "no_licence", None, START)
    page = crm.call("GET", "/v1/licence").json
    assert (page["mode"], page["reason"], page["customer"], page["seats"]) == ("blocked", "no_licence", None, None)


def test_health_and_metrics(crm: Crm) -> None:
    crm.check_out("sara")
    crm.call("POST", "/v1/seats/heartbeat", {"seats": ["seat_gone"]})
    assert crm.call("GET", "/healthz", token=None).json == {"status": "ok"}
    assert crm.call("HEAD", "/healthz", token=None).content == b""
    text = crm.call("GET", "/metrics").content.decode()
    for line in (
        "licence_agent_seats_given_total 1.0",
        "licence_agent_seats_lost_total 1.0",
        'licence_agent_seats_used{dimension="users"} 1.0',
        'licence_agent_seats_limit{dimension="clients"} 4.0',
        'licence_agent_mode{mode="full"} 1.0',
    ):
        assert line in text
    crm.office.standing = lambda: Standing("blocked", "no_licence", None, START)
    assert 'licence_agent_mode{mode="blocked"} 1.0' in crm.call("GET", "/metrics", token=ADMINISTRATOR).content.decode()
