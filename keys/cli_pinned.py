"""licence-keys pinned: documents checked by a trust document that is pinned in a file and rolls on.

Any verifier can be given these three commands: docs/conformance.md.
"""

from pathlib import Path

import click

from keys.carrying import PUBLIC, read_document, read_pinned, read_public
from keys.clock import SystemClock
from keys.command import Commands, NewFile, json_option, show
from keys.disk import write_whole
from keys.errors import StateConflictError
from keys.jws import LARGEST
from keys.pinned import KINDS, Circumstances, verify_pinned
from keys.presenting import claims_text, describe, summary
from keys.trust import Envelope, Trust, pin_trust, replace_trust

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
now_option = click.option(
    "--now", type=click.IntRange(0, LARGEST), help="The moment to judge by, in seconds since 1970 UTC."
)


@click.group(cls=Commands)
def pinned() -> None:
    """Check documents as an agent does: by a pinned trust document that newer ones replace."""


@pinned.command("init")
@click.argument("state", type=NewFile())
@click.argument("root", type=_FILE)
@now_option
@json_option
def pinned_init(state: Path, root: Path, now: int | None, as_json: bool) -> None:  # noqa: ARG001 - time decides nothing
    """Pin the trust document ROOT in the file STATE.

    Example: licence-keys pinned init believed.json root.json
    """
    document = read_document(root)
    found = pin_trust(document)
    if state.exists():
        raise StateConflictError(f"{state} is there already; what is pinned is replaced only by `pinned update`.")
    write_whole(state, document, PUBLIC)
    _tell(document, found, as_json)


@pinned.command("update")
@click.argument("state", type=_FILE)
@click.argument("trust", type=_FILE)
@now_option
@json_option
def pinned_update(state: Path, trust: Path, now: int | None, as_json: bool) -> None:  # noqa: ARG001 - as above
    """Take the newer trust document TRUST if it follows the one in STATE.

    Example: licence-keys pinned update believed.json trust.json
    """
    before, document = read_pinned(state), read_document(trust)
    found = replace_trust(before, document)
    if found.version > before.version:
        write_whole(state, document, PUBLIC)
    _tell(document, found, as_json)


@pinned.command("verify")
@click.argument("state", type=_FILE)
@click.argument("kind", metavar="TYPE")
@click.argument("file", type=_FILE)
@click.option("--device", type=_FILE, help="The public device key (JWK): a licence's, or a request's.")
@click.option("--request", type=_FILE, help="The request that the licence must answer.")
@click.option("--held", type=_FILE, help="The licence in hand, which the licence must follow.")
@now_option
@json_option
def pinned_verify(
    *,
    state: Path,
    kind: str,
    file: Path,
    device: Path | None,
    request: Path | None,
    held: Path | None,
    now: int | None,
    as_json: bool,
) -> None:
    """Check a document of TYPE, such as licence+jwt, by STATE and the time, and print its claims.

    Example: licence-keys pinned verify believed.json licence+jwt licence.jws --device device.jwk
    """
    if kind not in KINDS:
        raise click.UsageError(f"TYPE must be one of {', '.join(KINDS)}.")
    around = Circumstances(
        now=SystemClock().now() if now is None else now,
        device=read_public(device) if device else None,
        request=read_document(request) if request else None,
        held=read_document(held) if held else None,
    )
    claims = verify_pinned(read_document(file), kind, read_pinned(state), around)
    show(claims, as_json, lambda: claims_text(claims))


def _tell(document: bytes, trust: Trust, as_json: bool) -> None:
    envelope = Envelope.from_bytes(document)
    show(summary(envelope, trust), as_json, lambda: describe(envelope, trust))
