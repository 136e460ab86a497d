"""Proxies of the environment, of the system, of the service, and those that only a script for browsers knows."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from agent.doctor.network import Proxy
from agent.doctor.system import Running
from tests.agent.doctor.conftest import Told, of
from tests.agent.doctor.patient import HERE, HOST, Patient
from tests.agent.vendor import Vendor
from tests.faults.authority import Authority
from tests.faults.oddserver import OddServer, behind_tls, honest

URL = f"https://{HOST}"
PARS = "http://proxy.pars.example:3128"


@contextmanager
def proxy(status: bytes, upstream: int | None = None) -> Iterator[tuple[str, list[bytes]]]:
    """A proxy that answers CONNECT with a status, and then leads to a port here; its address, and what it heard."""
    heard = list[bytes]()
    with socket.create_server((HERE, 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    line, _ = listener.accept()
                except OSError:
                    return
                threading.Thread(target=talk, args=(line,), daemon=True).start()

        def talk(line: socket.socket) -> None:
            with line:
                heard.append(line.recv(4096))
                line.sendall(status and b"HTTP/1.1 " + status + b"\r\n\r\n")
                if upstream is not None:
                    with socket.create_connection((HERE, upstream)) as there:
                        back = threading.Thread(target=pump, args=(there, line), daemon=True)
                        back.start()
                        pump(line, there)
                        back.join(5)

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://sara:s3cret@{HERE}:{listener.getsockname()[1]}", heard
        listener.shutdown(socket.SHUT_RDWR)


def pump(source: socket.socket, target: socket.socket) -> None:
    try:
        while part := source.recv(4096):
            target.sendall(part)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        return


@pytest.mark.situation("The proxy wants a password (407)", says="proxy-password")
def test_a_proxy_that_wants_a_password(patient: Patient, told: Told) -> None:
    with proxy(b"407 Proxy Authentication Required") as (address, heard):
        patient.environment["HTTPS_PROXY"] = address
        said = told(patient.examined(URL))
    assert said.check == "proxy"
    assert f"CONNECT {HOST}:443 HTTP/1.1".encode() in heard[0]
    assert b"Proxy-Authorization: Basic c2FyYTpzM2NyZXQ=" in heard[0]
    assert "s3cret" not in f"{said.said}{said.means}{said.remedy}"


@pytest.mark.situation("The proxy forbids the address", says="proxy-refuses")
@pytest.mark.parametrize("status", [b"403 Forbidden", b"", b"what is this"])
def test_a_proxy_that_forbids(patient: Patient, told: Told, status: bytes) -> None:
    with proxy(status) as (address, _):
        patient.environment["HTTPS_PROXY"] = address
        told(patient.examined(URL))


@pytest.mark.situation("The proxy is dead", says="proxy-dead")
@pytest.mark.parametrize("address", ["http://127.0.0.1:1", "http://nobody.example:3128"])
def test_a_proxy_that_is_not_there(patient: Patient, told: Told, address: str) -> None:
    patient.environment["https_proxy"] = address
    assert address in told(patient.examined(URL)).said


@pytest.mark.situation("The proxy is of a kind that the agent can't use", says="proxy-kind")
@pytest.mark.parametrize("address", ["socks5://10.0.0.1:1080", "http://", "http://proxy:port"])
def test_a_proxy_of_another_kind(patient: Patient, told: Told, address: str) -> None:
    patient.environment["ALL_PROXY"] = address
    told(patient.examined(URL))


def test_a_proxy_that_lets_through(patient: Patient, vendor: Vendor, authority: Authority) -> None:
    with behind_tls(authority.context(HOST)) as server:
        server.answer = honest(vendor)
        with proxy(b"200 Connection established", server.server_address[1]) as (address, _):
            patient.environment["HTTPS_PROXY"] = address
            del patient.names[HOST]
            found = {each.check: each.word for each in patient.examined(URL, vendor.trust_document)}
    expected = {"proxy": "proxy-good", "name": "name-dead-here", "connection": "connection-good", "root": "root-good"}
    assert {name: found[name] for name in expected} == expected


def test_an_address_without_tls_is_asked_by_its_whole_address(patient: Patient, vendor: Vendor) -> None:
    with proxy(b"") as (address, heard):
        patient.environment |= {"HTTP_PROXY": address, "NO_PROXY": "localhost"}
        patient.examined(f"http://{HOST}")
    assert heard[0].startswith(f"GET http://{HOST}/agent/v1/trust HTTP/1.1".encode())


def test_a_proxy_is_left_aside_where_no_proxy_says_so(patient: Patient, server: OddServer) -> None:
    patient.environment |= {"HTTP_PROXY": "http://127.0.0.1:1", "NO_PROXY": HOST}
    found = {each.check: each.word for each in patient.examined(of(server, scheme="http"))}
    assert found["proxy"] == "proxy-none"


SYSTEM = {
    "etc/environment": f'HTTPS_PROXY="{PARS}"\n',
    "etc/profile.d/proxy.sh": "#!/bin/sh\nexport https_proxy=http://sara:s3cret@proxy.pars.example:3128\n",
    "etc/apt/apt.conf.d/80proxy": f'Acquire::http::Proxy "{PARS}";\n',
    "etc/systemd/system.conf": f"[Manager]\nDefaultEnvironment=HTTPS_PROXY={PARS}\n",
    "etc/dnf/dnf.conf": f"[main]\nproxy={PARS}\n",
}


@pytest.mark.situation("A proxy is set for the system, but not for the agent", says="proxy-unknown-here")
@pytest.mark.parametrize("file", SYSTEM)
def test_a_proxy_that_only_the_system_knows(patient: Patient, server: OddServer, told: Told, file: str) -> None:
    patient.write(file, SYSTEM[file])
    patient.refusal = TimeoutError()
    said = told(patient.examined(URL))
    assert f"/{file} names the proxy {PARS}," in said.said
    assert f"export HTTPS_PROXY={PARS}; then type the command again, with sudo -E" in said.remedy
    patient.refusal = None
    found = {each.check: each.word for each in patient.examined(of(server, scheme="http"))}
    assert found["proxy"] == "proxy-aside"


@pytest.mark.situation("A proxy is set in the shell, but not for the service", says="proxy-unknown-to-service")
@pytest.mark.parametrize("how", ["unit", "process"])
def test_a_proxy_that_the_service_does_not_know(
    patient: Patient, vendor: Vendor, authority: Authority, told: Told, how: str
) -> None:
    with behind_tls(authority.context(HOST)) as server:
        server.answer = honest(vendor)
        with proxy(b"200 OK", server.server_address[1]) as (address, _):
            patient.environment["HTTPS_PROXY"] = address
            if how == "unit":
                patient.services = "LoadState=loaded\nEnvironment=LICENCE_AGENT_HOME=/var/lib/licence-agent"
            else:
                patient.agents = [Running(7, str(patient.home), {"PATH": "/bin"})]
            said = told(patient.examined(URL, vendor.trust_document))
            assert "s3cret" not in said.said
            assert said.remedy.endswith("sudo -E licence-agent install")
            patient.services, patient.agents = f"LoadState=loaded\nEnvironment=HTTPS_PROXY={address}", ()
            found = {each.check: each.word for each in patient.examined(URL, vendor.trust_document)}
    assert found["proxy"] == "proxy-good"


@pytest.mark.parametrize(
    ("kept", "word"),
    [
        ("https_proxy='http://10.0.0.1:3128'\n", "proxy-good"),
        ("", "proxy-good"),  # root's alone: nobody else can tell
        ("# HTTPS_PROXY=x\nNO_PROXY=localhost\n", "proxy-unknown-to-service"),
    ],
)
def test_what_the_installation_told_the_service_counts(
    patient: Patient, vendor: Vendor, authority: Authority, kept: str, word: str
) -> None:
    patient.write("etc/default/licence-agent", kept)
    patient.services = "LoadState=loaded\n"
    with behind_tls(authority.context(HOST)) as server:
        server.answer = honest(vendor)
        with proxy(b"200 OK", server.server_address[1]) as (address, _):
            patient.environment["HTTPS_PROXY"] = address
            found = {each.check: each.word for each in patient.examined(URL, vendor.trust_document)}
    assert found["proxy"] == word


@pytest.mark.situation("Browsers find the proxy by a script (PAC)", says="proxy-automatic")
@pytest.mark.parametrize(
    ("named", "place"),
    [
        ("", "http://wpad/wpad.dat"),
        ("http://sara:s3cret@wpad.pars.example:8080/proxy.pac?key=s3cret", "http://wpad.pars.example:8080/proxy.pac"),
        ("wpad.pars.example", "http://wpad.pars.example"),
    ],
)
def test_a_proxy_that_only_browsers_find(patient: Patient, told: Told, named: str, place: str) -> None:
    patient.refusal = TimeoutError()
    patient.environment["auto_proxy"] = named
    patient.names["wpad"] = ["10.0.0.5"]
    said = told(patient.examined(URL))
    assert f"({place})" in said.said
    assert f" in {place}, and" in said.remedy


def test_a_password_is_never_shown() -> None:
    read = Proxy.read("http://sara:s3cret@proxy:3128")
    assert (read.address, "s3cret" in repr(read)) == ("http://proxy:3128", False)
