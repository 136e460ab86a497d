"""Fronts that ask for their people by ``GET /v1/authorize``, and where they say that those come from."""

from pathlib import Path

import pytest

from tests.agent.web.server import serving


@pytest.mark.threat(47)
@pytest.mark.parametrize(
    ("proxy", "forwarded", "status"),
    [
        ("127.0.0.1/32", "10.0.0.9", 204),
        ("127.0.0.1/32", "8.8.8.8", 403),
        ("127.0.0.1/32", "10.0.0.9, 8.8.8.8", 403),
        ("127.0.0.1/32", "", 403),
        ("10.0.0.5/32", "8.8.8.8", 204),
    ],
)
def test_a_front_that_is_a_trusted_proxy_itself_needs_no_more_than_x_forwarded_for(
    tmp_path: Path, proxy: str, forwarded: str, status: int
) -> None:
    """Which is what many send. Where it is none, nobody says an address, and none is checked."""
    with serving(tmp_path, trusted_proxies=[proxy], networks=("10.0.0.0/8",)) as crm:
        headers = {"Licence-User": "a", "Licence-Client": "b", "X-Forwarded-For": forwarded}
        assert crm.call("GET", "/v1/authorize", headers=headers).status == status


@pytest.mark.threat(34)
def test_an_address_that_is_said_twice_is_none(tmp_path: Path) -> None:
    """A front that adds its header to the client's own, in place of replacing it, lets nobody in by either."""
    with serving(tmp_path, networks=("10.0.0.0/8",)) as crm:
        headers = {"Licence-User": "a", "Licence-Client": "b", "X-Real-IP": "10.0.0.9"}
        got = crm.call("GET", "/v1/authorize", headers=headers | {"x-real-ip": "8.8.8.8"})
        assert (got.status, got.headers["Licence-Problem"]) == (403, "malformed")
        assert crm.call("GET", "/v1/authorize", headers=headers).status == 204
