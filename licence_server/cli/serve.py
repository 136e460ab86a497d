"""Command: run the server."""

import json

import click

from keys.command import json_option, tell
from licence_server import logs
from licence_server.cli.session import Session, pass_session
from licence_server.doctor import Place, check_start
from licence_server.web.awkward.exchange import Application
from licence_server.web.awkward.rehearsal import check_rehearsal
from licence_server.web.awkward.server import Awkward
from licence_server.wsgi.launching import Launch, plain
from licence_server.wsgi.serving import HANG_UP

_LARGEST_SEED = 2**32 - 1


@click.command()
@click.option("--host", help="Address to listen on, instead of the setting.")
@click.option("--port", type=click.IntRange(0, 65_535), help="Port to listen on; 0 takes a free one.")
@click.option("--workers", type=click.IntRange(1, 64), help="Processes that answer.")
@click.option(
    "--awkward",
    type=click.IntRange(0, _LARGEST_SEED),
    is_flag=False,
    flag_value=0,
    metavar="[SEED]",
    help="Be inconvenient on purpose, to try agents out; a seed repeats a run. Refused in production.",
)
@json_option
@pass_session
def run(
    session: Session, *, host: str | None, port: int | None, workers: int | None, awkward: int | None, as_json: bool
) -> None:
    """Serve agents until SIGTERM. Prints the address once it is ready; logs go to standard error.

    Example: licence-server run --host 127.0.0.1 --port 7410
    """
    seed = None if awkward is None else _seed(session, awkward, workers)
    chosen = {"host": host, "port": port, "workers": workers if seed is None else 1}
    config = session.config.model_copy(update={name: value for name, value in chosen.items() if value is not None})
    said = {} if seed is None else {"awkward": seed}

    def announce(url: str) -> None:
        for found in findings:
            logs.tell("warning", "check", check=found.check, said=found.said, do=found.remedy)
        click.echo(json.dumps({"url": url, **said}) if as_json else f"licence-server is ready at {url}")

    def awkwardly(app: Application) -> Application:
        return Awkward.around(app, seed=seed or 0, folder=session.folder, clock=session.clock, hang_up=HANG_UP)

    findings = check_start(Place(session.home, session.environment, session.clock, is_start=True))
    layer = plain if seed is None else awkwardly
    Launch(config, session.folder, session.clock, session.randomness, layer).run(announce)


def _seed(session: Session, wanted: int, workers: int | None) -> int:
    """Return the seed of an awkward run, and say loudly what this server is."""
    check_rehearsal(session.config.issuer, session.config.database)
    if workers is not None and workers > 1:
        raise click.UsageError("--awkward runs in one process, so that its seed repeats a run: leave --workers out.")
    seed = wanted or 1 + int.from_bytes(session.randomness(4)) % _LARGEST_SEED
    tell(
        f"AWKWARD ON PURPOSE: half of the answers to agents are late, lost, wrong or refused. Repeat: --awkward {seed}"
    )
    return seed
