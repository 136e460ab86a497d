"""licence-keys: the root ceremony, rotation and revocation, and a look into any document."""

import os
from pathlib import Path
from typing import Any

import click

from keys.carrying import (
    PUBLIC,
    new_key,
    passphrase,
    read_document,
    read_pinned,
    read_private,
    read_proposal,
    read_public,
)
from keys.ceremony import first_trust, renewed, revoked, rotated
from keys.cli_pinned import pinned
from keys.clock import SystemClock
from keys.command import Commands, NewFile, TakesKeyId, json_option, show
from keys.disk import write_whole
from keys.errors import InvalidInputError
from keys.examining import examine
from keys.keyfile import read_passphrase
from keys.keyfolder import PASSPHRASE, KeyFolder
from keys.presenting import claims_text, describe, installed, summary
from keys.rotating import Outcome, Rotating
from keys.trust import Envelope, Trust, pin_trust, replace_trust

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
_NEW_FILE = NewFile()


def _default_home() -> Path:
    own = Path.home() / ".local/share/licence-server"
    return Path("/var/lib/licence-server") if os.geteuid() == 0 else own


home_option = click.option(
    "--home",
    type=click.Path(path_type=Path, file_okay=False),
    envvar="LICENCE_SERVER_HOME",
    default=_default_home,
    help="The server's home. [env: LICENCE_SERVER_HOME]",
)
root_keys_option = click.option(
    "--root-key", "root_keys", type=_FILE, multiple=True, help="A root's private key file that is not in the home."
)
output_option = click.option("-o", "--output", type=_NEW_FILE, required=True, help="The file to write.")


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Keys of a licence server: who vouches, who signs, and what is signed.

    Example: licence-keys verify licence.jws --root root.json
    """


main.add_command(pinned)


@main.group()
def root() -> None:
    """Root keys: they vouch for signing keys, and live offline."""


@root.command("new")
@click.argument("file", type=_NEW_FILE)
@json_option
def root_new(file: Path, as_json: bool) -> None:
    """Make a root key: FILE, encrypted and to be kept safe, and FILE.jwk, its public half.

    The passphrase comes from LICENCE_KEYS_PASSPHRASE_FILE, LICENCE_KEYS_PASSPHRASE or is asked for.

    Example: licence-keys root new /media/stick/root-1.pem
    """
    _make_key(file, passphrase(os.environ, confirm=True), as_json)


@root.command("sign")
@click.argument("document", type=_FILE)
@click.option("--key", type=_FILE, required=True, help="Your root's private key file.")
@click.option("--current", type=_FILE, help="The trust document in force, where your root is in that one alone.")
@click.option("-o", "--output", type=_NEW_FILE, help="The file to write; the document itself if not given.")
@json_option
def root_sign(document: Path, key: Path, current: Path | None, output: Path | None, as_json: bool) -> None:
    """Add a root's signature to a trust document; look at it with `trust show` first.

    Example: licence-keys root sign proposal.json --key /media/stick/root-1.pem
    """
    envelope, proposed = read_proposal(document)
    before = read_pinned(current) if current else None
    signer = read_private(key, os.environ)
    if signer.key.kid not in {found.kid for found in (*proposed.roots, *(before.roots if before else ()))}:
        raise InvalidInputError(f"{key} is no root of this document. If it is one of the present roots: --current FILE")
    envelope = envelope.signed_by(signer)
    write_whole(output or document, envelope.to_bytes(), PUBLIC)
    show(summary(envelope, proposed, before), as_json, lambda: describe(envelope, proposed, before))


@main.group()
def signing() -> None:
    """Signing keys: they sign licences, and lie in the server's home."""


@signing.command("new")
@click.argument("file", type=_NEW_FILE)
@json_option
def signing_new(file: Path, as_json: bool) -> None:
    """Make a signing key for a first ceremony: FILE, encrypted, and FILE.jwk for the trust document.

    Put FILE into the home as keys/signing/<kid>.pem; the passphrase must be the home's, in
    LICENCE_SERVER_PASSPHRASE_FILE or LICENCE_SERVER_PASSPHRASE.

    Example: licence-keys signing new signing.pem
    """
    given = read_passphrase(os.environ, PASSPHRASE)
    _make_key(file, passphrase(os.environ, confirm=True) if given is None else given, as_json)


@main.group()
def trust() -> None:
    """The trust document: which roots vouch, by what threshold, for which signing keys."""


@trust.command("new")
@click.option("--issuer", required=True, help="The server's public URL, for ever.")
@click.option("--root", "roots", type=_FILE, multiple=True, required=True, help="A root's public half (.jwk).")
@click.option("--threshold", type=click.IntRange(1), default=1, show_default=True, help="How many roots must sign.")
@click.option("--signing", "signing_key", type=_FILE, required=True, help="The signing key's public half (.jwk).")
@output_option
@json_option
def trust_new(
    *, issuer: str, roots: tuple[Path, ...], threshold: int, signing_key: Path, output: Path, as_json: bool
) -> None:
    """Write a first trust document, for the roots to sign.

    Example: licence-keys trust new --issuer https://licence.example.com --root root-1.pem.jwk --root root-2.pem.jwk
    --threshold 2 --signing signing.pem.jwk -o trust.json
    """
    public = [read_public(file) for file in roots]
    first = first_trust(issuer, SystemClock().now(), public, threshold, read_public(signing_key))
    _propose(first, None, output, as_json)


@trust.command("propose")
@click.argument("current", type=_FILE)
@click.option("--signing", "signing_key", type=_FILE, help="A new signing key's public half; the old ones retire.")
@click.option("--revoke", "kid", help="A signing key whose documents are worth nothing any more.")
@click.option("--root", "roots", type=_FILE, multiple=True, help="All roots from now on; the present ones if none.")
@click.option("--threshold", type=click.IntRange(1), help="How many roots must sign from now on.")
@output_option
@json_option
def trust_propose(
    *,
    current: Path,
    signing_key: Path | None,
    kid: str | None,
    roots: tuple[Path, ...],
    threshold: int | None,
    output: Path,
    as_json: bool,
) -> None:
    """Write the next version of CURRENT, for the old and the new roots to sign; without options, one that lasts longer.

    Example: licence-keys trust propose trust.json --root root-1.pem.jwk --root root-3.pem.jwk -o proposal.json
    """
    before, now = read_pinned(current), SystemClock().now()
    if (signing_key or kid is not None) and (roots or threshold):
        raise click.UsageError("Signing keys and roots change in ceremonies of their own: one after the other.")
    new = read_public(signing_key) if signing_key else None
    if kid is not None:
        after = revoked(before, kid, now, new)
    elif new:
        after = rotated(before, new, now)
    else:
        after = renewed(before, now, [read_public(file) for file in roots], threshold)
    _propose(after, before, output, as_json)


@trust.command("show")
@click.argument("file", type=_FILE)
@json_option
def trust_show(file: Path, as_json: bool) -> None:
    """Print what a trust document says and who signed it, believed or not.

    Example: licence-keys trust show proposal.json
    """
    envelope, found = read_proposal(file)
    value = summary(envelope, found) | {"claims": dict(found.to_claims())}
    show(value, as_json, lambda: f"{describe(envelope, found)}\n{claims_text(found.to_claims())}")


@trust.command("verify")
@click.argument("file", type=_FILE)
@click.option("--current", type=_FILE, help="The trust document in force, which FILE must follow.")
@json_option
def trust_verify(file: Path, current: Path | None, as_json: bool) -> None:
    """Check that enough roots signed a trust document: its own and, with --current, those in force.

    Example: licence-keys trust verify proposal.json --current trust.json
    """
    document = read_document(file)
    before = read_pinned(current) if current else None
    found = replace_trust(before, document) if before else pin_trust(document)
    envelope = Envelope.from_bytes(document)
    show(summary(envelope, found, before), as_json, lambda: describe(envelope, found, before))


@trust.command("install")
@click.argument("file", type=_FILE)
@home_option
@json_option
def trust_install(file: Path, home: Path, as_json: bool) -> None:
    """Put a trust document that the roots signed elsewhere in force at a server.

    Example: licence-keys trust install proposal.json --home /var/lib/licence-server
    """
    folder, document = KeyFolder.of_home(home, os.environ), read_document(file)
    with folder.alone():
        found = folder.install(document)
    _tell_outcome(Outcome(found, Envelope.from_bytes(document), None), as_json)


@main.command()
@home_option
@root_keys_option
@json_option
def rotate(home: Path, root_keys: tuple[Path, ...], as_json: bool) -> None:
    """Take a new signing key; the old one's documents stay good.

    Where the home lacks root keys, the next trust document is left as keys/proposal.json for them to sign.

    Example: licence-keys rotate --root-key /media/stick/root-1.pem
    """
    _tell_outcome(_rotating(home, root_keys).rotate(), as_json)


@main.command(cls=TakesKeyId)
@click.argument("kid")
@home_option
@root_keys_option
@json_option
def revoke(kid: str, home: Path, root_keys: tuple[Path, ...], as_json: bool) -> None:
    """Make all documents of the signing key KID worthless; a new key takes over where it was the last.

    Agents validate again at once and go on meanwhile.

    Example: licence-keys revoke kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k
    """
    _tell_outcome(_rotating(home, root_keys).revoke(kid), as_json)


@main.command()
@click.argument("file", type=_FILE)
@click.option("--root", "root_file", type=_FILE, help="The trust document to believe.")
@click.option("--key", type=_FILE, help="The public device key (JWK) of a request that does not carry it.")
@json_option
def verify(file: Path, root_file: Path | None, key: Path | None, as_json: bool) -> None:
    """Check any document - licence, request, trust document - and print its claims.

    Example: licence-keys verify licence.jws --root root.json
    """
    trusted = read_pinned(root_file) if root_file else None
    found = examine(read_document(file), trusted, read_public(key) if key else None)
    value = {"valid": True, "typ": found.kind, "signed_by": list(found.signed_by), "claims": dict(found.claims)}
    heading = f"Valid: {found.kind}, signed by {', '.join(found.signed_by)}."
    show(value, as_json, lambda: f"{heading}\n{claims_text(found.claims)}")


def _make_key(file: Path, secret: bytes, as_json: bool) -> None:
    signer, public = new_key(file, secret)
    value = {"kid": signer.key.kid, "file": str(file), "public": str(public)}
    show(value, as_json, lambda: f"Key {signer.key.kid}: private in {file}, public in {public}.")


def _propose(after: Trust, before: Trust | None, output: Path, as_json: bool) -> None:
    envelope = Envelope.of(after)
    write_whole(output, envelope.to_bytes(), PUBLIC)
    show(summary(envelope, after), as_json, lambda: describe(envelope, after, before))


def _rotating(home: Path, root_keys: tuple[Path, ...]) -> Rotating:
    carried = [read_private(file, os.environ) for file in root_keys]
    return Rotating(KeyFolder.of_home(home, os.environ), SystemClock(), carried)


def _tell_outcome(outcome: Outcome, as_json: bool) -> None:
    value: dict[str, Any] = summary(outcome.envelope, outcome.trust) | {
        "installed": outcome.proposal is None,
        "proposal": str(outcome.proposal) if outcome.proposal else None,
        "active": [entry.key.kid for entry in outcome.trust.active],
    }
    show(value, as_json, lambda: installed(outcome.trust, outcome.proposal))
