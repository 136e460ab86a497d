"""The same CRM behind Caddy, as docs/integration.md shows it: fewer comforts than with nginx, the same limits."""

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.contract.integration import examples
from tests.stories.nginx import Browser, Site, running, site
from tests.stories.processes import free_port, wait_for

pytestmark = pytest.mark.long


def caddyfile(place: Site, port: int) -> str:
    """The page's text with the ports of this test."""
    text = examples()["Caddyfile"]
    for old, new in {
        "http://crm.example.com:80": f"http://:{port}",
        "127.0.0.1:7411": f"127.0.0.1:{place.agent}",
        "127.0.0.1:8080": f"127.0.0.1:{place.crm}",
    }.items():
        assert old in text
        text = text.replace(old, new)
    return "{\n\tadmin off\n\tauto_https off\n}\n" + text


def test_caddy_lets_in_as_many_as_the_licence_allows() -> None:
    with TemporaryDirectory(prefix="story-") as name, site(Path(name), "--users", 1) as place:
        folder, port = Path(name), free_port()
        (folder / "Caddyfile").write_text(caddyfile(place, port))
        environment = os.environ | {
            "LICENCE_TOKEN": place.customer.token("tokens/nginx"),
            "HOME": name,
            "XDG_DATA_HOME": name,
            "XDG_CONFIG_HOME": name,
        }
        command = ["caddy", "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]
        with running(command, env=environment):
            ali, sara = Browser(port, "127.0.0.1"), Browser(port, "127.0.0.1")
            wait_for("the start of Caddy", lambda: _status(ali))
            assert ali.log_in("ali").text == "hello ali"
            refused = sara.log_in("sara")
            assert (refused.status, refused.problem) == (403, "seats-exhausted")
            lies = {"Licence_User": ali.cookies["sessionid"], "X_Real_IP": "10.0.0.1", "X_Forwarded_For": "10.0.0.1"}
            assert sara.get("/", **lies).problem == "seats-exhausted"
            assert sara.get("/login").text == "who are you?"
            assert sara.get("/static/logo.png").text == "a picture"
            assert ali.get("/headers").status == 200
            assert place.customer.token("tokens/nginx") not in ali.get("/headers").text
            assert [user for user, _ in place.holders] == [ali.cookies["sessionid"]]


def _status(browser: Browser) -> int | None:
    try:
        return browser.get("/login").status
    except OSError:
        return None
