"""What the installer's shell knows of proxies and authorities reaches the service, and nobody else."""

import os
import stat
import subprocess
from pathlib import Path

import pytest

from agent.system.layout import Layout
from agent.system.outbound import Outbound, read_variables
from keys.errors import InvalidInputError

PROXY = "http://sara:s3cret$1%25@proxy.pars.example:3128"
PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(tmp_path / "root")


def handed_on(layout: Layout, **environment: str) -> dict[str, str]:
    """Hand an environment on, and return what the service has then."""
    outbound = Outbound(layout, environment)
    outbound.hand_on()
    assert outbound.is_handed_on
    return read_variables(layout.variables.read_text())


@pytest.mark.threat(26)
def test_a_proxy_with_a_password_reaches_the_service_and_nobody_else(layout: Layout) -> None:
    assert Outbound(layout, {"PATH": "/bin"}).is_handed_on, "nothing is named"
    assert not Outbound(layout, {"HTTPS_PROXY": PROXY}).is_handed_on
    assert handed_on(layout, HTTPS_PROXY=PROXY, no_proxy="localhost") == {"HTTPS_PROXY": PROXY, "NO_PROXY": "localhost"}
    assert stat.S_IMODE(layout.variables.stat().st_mode) == 0o600
    assert Outbound(layout, {}).is_handed_on, "an upgrade from a shell without a proxy leaves it"


def test_what_a_power_cut_left_of_it_is_removed_when_it_is_handed_on_again(layout: Layout) -> None:
    layout.variables.parent.mkdir(parents=True)
    (layout.variables.parent / ".licence-agent.pem.4194305.1.draft").write_text("half")
    handed_on(layout, HTTPS_PROXY=PROXY)
    assert list(layout.variables.parent.iterdir()) == [layout.variables]


def test_a_shell_reads_it_as_systemd_does(layout: Layout) -> None:
    handed_on(layout, ALL_PROXY=PROXY)
    words = ("sh", "-c", f'. {layout.variables}; printf %s "$ALL_PROXY"')
    assert subprocess.run(words, capture_output=True, text=True, check=True).stdout == PROXY


def test_what_somebody_else_wrote_there_stays_and_an_empty_value_takes_back(layout: Layout) -> None:
    handed_on(layout, HTTPS_PROXY=PROXY, HTTP_PROXY=PROXY)
    with layout.variables.open("a") as file:
        file.write('# theirs\nLICENCE_AGENT_LANGUAGE="fa"\nhttps_proxy=http://old.example:1\n')
    assert handed_on(layout, https_proxy="") == {"HTTP_PROXY": PROXY, "LICENCE_AGENT_LANGUAGE": "fa"}
    assert "# theirs" in layout.variables.read_text()


def test_authorities_from_where_the_service_sees_nothing_are_copied(layout: Layout, tmp_path: Path) -> None:
    given = tmp_path / "proxy-ca.pem"
    given.write_text(PEM)
    copy = {"REQUESTS_CA_BUNDLE": str(layout.authorities)}
    assert handed_on(layout, CURL_CA_BUNDLE=os.path.relpath(given)) == copy
    assert layout.authorities.read_text() == PEM
    assert stat.S_IMODE(layout.authorities.stat().st_mode) == 0o644
    given.write_text(PEM * 2)
    assert not Outbound(layout, {"REQUESTS_CA_BUNDLE": str(given)}).is_handed_on, "there are others now"
    assert handed_on(layout, REQUESTS_CA_BUNDLE=str(given)) == copy
    assert layout.authorities.read_text() == PEM * 2
    for seen in ("/etc/ssl/certs/ca-certificates.crt", str(tmp_path)):
        assert handed_on(layout, REQUESTS_CA_BUNDLE=seen) == {"REQUESTS_CA_BUNDLE": seen}
        assert not layout.authorities.exists(), "nobody needs the copy"
    Outbound(layout, {}).remove()
    assert not Outbound(layout, {}).is_there


def test_what_the_file_can_not_carry_is_refused(layout: Layout, tmp_path: Path) -> None:
    for value in ("http://a:it's@proxy", "http://a:\\@proxy", "http://proxy\nUser=root"):
        with pytest.raises(InvalidInputError, match="per cent"):
            Outbound(layout, {"HTTPS_PROXY": value}).hand_on()
    (tmp_path / "ca.der").write_bytes(b"0\x82")
    with pytest.raises(InvalidInputError, match="openssl x509"):
        Outbound(layout, {"REQUESTS_CA_BUNDLE": str(tmp_path / "ca.der")}).hand_on()
    assert not Outbound(layout, {"REQUESTS_CA_BUNDLE": str(tmp_path / "gone.pem")}).is_handed_on
    assert not Outbound(layout, {}).is_there
    assert read_variables("HTTPS_PROXY='never ended\nplain\n") == {}
