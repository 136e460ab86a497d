"""Secrets put wherever they can be put, and looked for wherever anything is written; texts that would forge lines."""

import json
import os
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pyotp import TOTP

from keys.documents.requests import Event
from keys.errors import InvalidInputError
from keys.identity import new_code
from licence_server.domain.customer import NewCustomer
from licence_server.domain.session import Place
from tests.licence_server.device import HOST, Device
from tests.licence_server.office import ISSUER, ME, Home, Office, ProblemError, device_at

SECRET_FILES = {"passphrase"}
READING = (
    ("licence", "list"),
    ("customer", "list"),
    ("operator", "list"),
    ("operator", "show", "admin"),
    ("token", "list"),
    ("audit", "list"),
    ("audit", "verify"),
    ("doctor",),
)
POISONS = ("one\r\ntwo", "a\n{}", "\x1b[31mred", "\x9b2J", "\u202egnp.exe", "\u2066x\u2069")
STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def disguises(secret: str) -> set[bytes]:
    """The ways that a secret could be written down in."""
    plain = secret.replace("-", "")
    return {text.encode() for text in (secret, secret.lower(), plain, plain.lower(), secret.replace("-", " "))}


def written(home: Home, office: Office, tmp_path: Path) -> Iterator[tuple[str, bytes]]:
    """Everything that is written anywhere: log, home, backup, what commands and pages say."""
    yield "the log", office.log.getvalue().encode()
    for path in home.path.rglob("*"):
        if path.is_file() and path.name not in SECRET_FILES:
            yield str(path), path.read_bytes()
    file = tmp_path / f"{os.urandom(4).hex()}.zip"
    said = home.type("backup", file)
    yield "what backup says", said.output.encode()
    with zipfile.ZipFile(file) as archive:
        for name in archive.namelist():
            yield f"{name} in the backup", archive.read(name)
    for words in READING:
        for form in ((), ("--json",)):
            yield " ".join(words), home.type(*words, *form).output.encode()
    office.address = "127.0.0.1"
    for page in ("/metrics", "/readyz", "/healthz"):
        yield page, office.call("GET", page).data


def people(home: Home, office: Office) -> tuple[str, ...]:
    """Have somebody sign in and lend a program their rights, and return every secret that came up."""
    welcome = home.ask("operator", "add", "sara", "--role", "sales")
    signing_in, chosen, here = office.server.signing_in, "lamps under a green boat", Place.of("203.0.113.7", "Firefox")
    first = signing_in.begin("sara", welcome["password"], here)
    second = signing_in.set_password(first.token, chosen, here)
    secret = signing_in.propose(second.token).secret
    signed_in = signing_in.complete(second.token, TOTP(secret).at(home.clock.now()), here)
    more = ("--operator", "sara", "--scope", "licences.read", "--expires", "2027-03-01")
    token = home.ask("token", "add", "shop", *more)["token"]
    tokens = (first.token, second.token, signed_in.token, signed_in.csrf, token, token.rpartition("_")[2])
    return (welcome["password"], chosen, secret, *tokens, *signed_in.recovery_codes)


def crash(office: Office, secret: str) -> None:
    """Have a use case fail with a secret in its hands."""

    def broken(_: object, document: bytes) -> bytes:
        held = f"{secret} {document!r}"
        raise RuntimeError(held)

    kind = type(office.server.activating)
    whole = kind.activate
    kind.activate = broken  # type: ignore[method-assign, assignment]
    try:
        office.post("activations", device_at(office).activation_request(secret))
    finally:
        kind.activate = whole  # type: ignore[method-assign]


@pytest.mark.threat(26)
def test_no_secret_is_written_where_it_does_not_belong(tmp_path: Path) -> None:
    environment = {"LICENCE_SERVER_PASSPHRASE": "a passphrase of the canary"}
    home = Home(tmp_path / "home", environment=environment)
    password = home.founding().found(ISSUER, None, ME).password
    home.founding().shown()
    office = Office.of(home)
    _, used = office.sell()
    _, unused = office.sell()
    guessed = new_code(os.urandom)
    device = device_at(office)
    device.activate(used)
    said = []
    for code in (used, unused, guessed):
        endpoints = ("activations", "validations", "deactivations")
        headers = dict.fromkeys(("X-Forwarded-For", "User-Agent", "Cookie", "Authorization", "Referer", "X-Code"), code)
        said += [office.post(endpoint, code.encode(), **headers).data for endpoint in endpoints]
        said += [office.call(method, f"/agent/v1/{code}?code={code}").data for method in ("GET", "POST", "DELETE")]
        said.append(office.call("GET", "/agent/v1/trust", data=code.encode()).data)
        if code != unused:
            said.append(office.post("activations", device_at(office).activation_request(code)).data)
        said.append(office.post("activations", device_at(office).activation_request(code, terms_version="9")).data)
        crash(office, code)
    home.type("licence", "show", used)
    of_people = people(home, office)
    secrets = {code: disguises(code) for code in (used, unused, guessed)}
    secrets |= {secret: {secret.encode()} for secret in (password or "", environment["LICENCE_SERVER_PASSPHRASE"])}
    secrets |= {secret: disguises(secret) for secret in of_people}
    for where, content in (*written(home, office, tmp_path), ("an answer", b"\n".join(said))):
        for secret, forms in secrets.items():
            assert not [form for form in forms if form in content], f"{secret} in {where}"
        assert b"BEGIN PRIVATE KEY" not in content, where
    assert '"crash"' in office.log.getvalue()
    office.close()


@pytest.mark.threat(26, control=True)
def test_a_code_in_a_log_would_be_found(home: Home, office: Office, tmp_path: Path) -> None:
    code = new_code(os.urandom)
    office.log.write(f"somebody logged {code.lower()}\n")
    found = [where for where, content in written(home, office, tmp_path) if any(f in content for f in disguises(code))]
    assert found == ["the log"]


def poisoned(device: Device, poison: str) -> Iterator[bytes]:
    """Requests with a poison in each of their texts, signed as they should be."""
    code = "00000-00000-00000-00000-00000"
    for name in ("name", "os", "agent", "virtualisation", "key"):
        texts: dict[str, Any] = {name: poison}
        host = replace(HOST, **texts)
        yield device.activation_request(code, host=host)
        yield device.request(host=host)
    yield device.activation_request(poison)
    for name in ("request_id", "nonce", "terms_version", "audience"):
        yield device.activation_request(code, **{name: poison})
    for name in ("request_id", "nonce", "previous", "licence_id", "activation_id"):
        texts = {name: poison}
        yield device.request(**texts)
    yield device.request(events=(Event(poison, 1),))
    yield device.request(components={poison: "x"})


@pytest.mark.threat(33)
@pytest.mark.parametrize("poison", POISONS, ids=ascii)
def test_no_text_forges_a_line_or_a_colour(home: Home, office: Office, device: Device, poison: str) -> None:
    sent, before = 0, len(office.log.getvalue().splitlines())
    for document in poisoned(device, poison):
        for endpoint in ("activations", "validations"):
            assert office.post(endpoint, document).status_code < 500
            sent += 1
    for name in ("name", "representative", "email", "mobile", "national_id", "phone", "address", "note"):
        texts: dict[str, Any] = {name: poison}
        try:
            office.server.registering.add(replace(NewCustomer("Pars"), **texts), ME)
        except InvalidInputError:
            continue
    log = office.log.getvalue()
    assert log.isascii()
    assert not STEERING.search(log.replace("\n", ""))
    lines = [json.loads(line) for line in log.splitlines()][before:]
    assert [line["event"] for line in lines] == ["request"] * sent
    licence = device.licence.licence_id
    for words in (("licence", "show", licence), *READING[:6]):
        for form in ((), ("--json",)):
            result = home.type(*words, *form)
            assert not STEERING.search(result.stdout.replace("\n", "")), (words, result.stdout)


def test_the_poisons_get_as_far_as_a_person_s_screen(home: Home, device: Device) -> None:
    """Or the test above would show nothing: some of them are texts that a name may have."""
    try:
        device.validate(host=replace(HOST, name="\u202egnp.exe"))
    except ProblemError:
        raise AssertionError("refused") from None
    shown = home.type("licence", "show", device.licence.licence_id, "--json").stdout
    assert "\\u202egnp.exe" in shown
