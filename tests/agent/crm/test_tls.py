"""An agent on another machine: known by the certificate of its home, and by nothing else."""

import os
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from agent.crm.client import Client
from agent.crm.places import Policy
from agent.store.certificates import tls_files
from agent.store.tokens import ApplicationTokens
from agent.web.access import Access
from agent.web.app import create_app
from agent.web.listener import LocalServer, Tls
from keys.certificate import LIFETIME, Authority
from keys.clock import SystemClock
from keys.errors import TokenInvalidError, UnreachableError
from tests.agent.crm.stub import Stub, standing_in
from tests.agent.vendor import Vendor, a_licence
from tests.contract.local import Site
from tests.fakes import TurnableClock

NOW = SystemClock().now()


@pytest.fixture
def authority() -> Authority:
    return Authority.begin(NOW)


def pinned(authority: Authority, folder: Path) -> Path:
    file = folder / "tls.crt"
    file.write_bytes(authority.certificate_pem())
    return file


@contextmanager
def serving(authority: Authority, folder: Path, *names: str) -> Iterator[Stub]:
    """An agent's end of the line."""
    chain = folder / "served.pem"
    chain.write_bytes(authority.key_pem() + authority.vouch(names or ("127.0.0.1",), NOW))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    with standing_in(context) as stub:
        yield stub


def ask(stub: Stub, vendor: Vendor, certificate: Path) -> Client:
    stub.shows(a_licence().sign(vendor.signer))
    return Client(
        stub.url,
        root=vendor.trust_document,
        certificate=certificate,
        clock=TurnableClock(),
        policy=Policy(patience=0),
    )


def test_seats_are_held_over_tls(authority: Authority, vendor: Vendor, tmp_path: Path) -> None:
    with serving(authority, tmp_path) as stub:
        client = ask(stub, vendor, pinned(authority, tmp_path))
        with client.seats.hold("sara", "pc"):
            assert client.licence().mode == "full"
        assert stub.connections == 1
        client.close()


def test_a_certificate_that_the_agent_renews_need_not_be_pinned_anew(
    authority: Authority, vendor: Vendor, tmp_path: Path
) -> None:
    old = pinned(authority, tmp_path)
    renewed = authority.renewed(NOW + LIFETIME - 86_400)
    assert renewed is not authority
    with serving(renewed, tmp_path) as stub:
        client = ask(stub, vendor, old)
        assert client.licence().mode == "full"
        client.close()


@pytest.mark.threat(48)
@pytest.mark.parametrize("names", [("127.0.0.1",), ("agent.lan",)])
def test_whoever_has_not_the_agents_key_or_name_is_not_the_agent(
    authority: Authority, vendor: Vendor, tmp_path: Path, names: tuple[str, ...]
) -> None:
    stranger = Authority.begin(NOW) if names == ("127.0.0.1",) else authority
    with serving(stranger, tmp_path, *names) as stub:
        client = ask(stub, vendor, pinned(authority, tmp_path))
        with pytest.raises(UnreachableError, match="CERTIFICATE_VERIFY_FAILED"):
            client.licence()
        assert stub.asked == []
        client.close()


@contextmanager
def listening(site: Site) -> Iterator[tuple[str, ApplicationTokens]]:
    """The site's own agent, reached from other machines, too."""
    home, rig = site.rig.home, site.rig
    files, tokens = tls_files(home, ("127.0.0.1",), NOW), ApplicationTokens(home, os.urandom)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.shown, files.key)
    mine = site.local.tokens
    access = Access(mine["application"], mine["administrator"], frozenset(), tokens, frozenset({"127.0.0.1"}))
    show: dict[str, Any] = {"standing": rig.judging.standing, "document": rig.papers.licence, "trust": rig.papers.trust}
    app = create_app(site.local.seating, access=access, **show)
    server = LocalServer(app, port=0, tls=Tls("127.0.0.1", 0, context))
    server.start()
    try:
        yield f"https://127.0.0.1:{server.addresses.tls_port}", tokens
    finally:
        server.stop()


def test_an_application_server_has_a_token_of_its_own_which_can_be_taken_away(
    site: Site, connect: Callable[..., Client]
) -> None:
    with listening(site) as (url, tokens):
        token = tokens.add("web-2")
        client = connect(url, certificate=site.rig.home.tls_certificate, token=token)
        with client.seats.hold("sara", "pc") as seat:
            client.seats.beat()
            assert site.local.seating.occupied().users.used == 1
            tokens.remove("web-2")
            site.rig.clock.advance(120)
            with pytest.raises(UnreachableError, match="too long"):
                seat.check()
        with pytest.raises(TokenInvalidError, match="does not know this application's token"):
            client.licence()


def test_a_client_follows_the_vendors_keys_through_the_agent(site: Site, connect: Callable[..., Client]) -> None:
    """The CRM ships the first trust document; the agent shows the newest."""
    shipped = site.rig.vendor.trust_document
    with listening(site) as (url, _):
        client = connect(url, root=shipped, certificate=site.rig.home.tls_certificate)
        assert client.licence().mode == "full"
        site.rig.vendor.rotate("revoked")
        site.rig.trusting.refresh(site.rig.server)
        site.rig.validate()
        assert client.licence().mode == "full"
        assert connect(url, root=shipped, certificate=site.rig.home.tls_certificate).licence().mode == "full"
