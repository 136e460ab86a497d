"""Namespaces part what they should: no way but the cables, a pulled one is dead, a router's address hides others."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.networks import Machine, Networks, networks

ECHO = """
import socket, sys
server = socket.create_server(("::", 80), family=socket.AF_INET6, dualstack_ipv6=True)
print("ready", flush=True)
while True:
    line, peer = server.accept()
    line.sendall(peer[0].encode())
    line.close()
"""
ASK = """
import socket, sys
try:
    with socket.create_connection((sys.argv[1], 80), 0.5) as line:
        print(line.recv(99).decode())
except OSError as error:
    print(type(error).__name__)
"""


@pytest.fixture
def some() -> Iterator[Networks]:
    with networks() as made:
        yield made


def echo(machine: Machine, log: Path) -> None:
    """Tell everybody who asks by which address they came."""
    process = machine.start(sys.executable, "-c", ECHO, log=log)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"


def seen(client: Machine, address: str) -> str:
    return client.run(sys.executable, "-c", ASK, address).stdout.strip()


@pytest.mark.long
def test_machines_meet_on_their_switch_alone(some: Networks, tmp_path: Path) -> None:
    server, near, far, router = (some.machine() for _ in range(4))
    some.join(("10.9.0.", "fd09::"), {1: server, 2: near, 254: router})
    some.join(("10.8.0.", "fd08::"), {3: far, 254: router}, lan="out")
    echo(server, tmp_path / "log")
    assert seen(near, "10.9.0.1") == "::ffff:10.9.0.2", "a listener for both families reports mapped addresses"
    assert seen(near, "fd09::1") == "fd09::2"
    assert seen(far, "10.9.0.1") == "OSError", "no way but the cables"
    far.route("10.9.0.0/24", by="10.8.0.254")
    server.route("10.8.0.0/24", by="10.9.0.254")
    router.forward()
    assert seen(far, "10.9.0.1") == "::ffff:10.8.0.3"
    router.forward(masquerade="lan")
    assert seen(far, "10.9.0.1") == "::ffff:10.9.0.254", "behind the router's own address"
    near.know(licences_example_com="10.9.0.1")
    assert seen(near, "licences.example.com") == "::ffff:10.9.0.2"
    assert seen(far, "licences.example.com") == "gaierror"
    near.plug(plugged=False)
    assert seen(near, "10.9.0.1") == "OSError"
    near.plug(plugged=True)
    assert seen(near, "10.9.0.1") == "::ffff:10.9.0.2"
