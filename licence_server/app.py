"""The web application, built around the use cases. Nothing here reads the environment or runs at import."""

from flask import Flask

from keys.jws import MAX_BYTES
from licence_server.assembly import Server
from licence_server.web import health, metrics, observing, problems
from licence_server.web.addresses import Networks
from licence_server.web.agents import documents
from licence_server.web.agents.guessing import Guessing
from licence_server.web.limits import Guesses


def create_app(server: Server, *, tallies: metrics.Tallies, workers: int = 1) -> Flask:
    """Build the web application.

    Args:
        server: the use cases.
        tallies: where requests are counted, for all workers together.
        workers: how many processes answer, which share the limits on guessing.
    """
    app = Flask(__name__, static_folder=None)
    app.config.update(MAX_CONTENT_LENGTH=MAX_BYTES, PROVIDE_AUTOMATIC_OPTIONS=False)
    app.url_map.merge_slashes = False  # a redirect is no answer to a program
    app.json.sort_keys = False  # type: ignore[attr-defined]  # of Flask's default provider
    config = server.config
    observing.register(
        app,
        clock=server.clock,
        randomness=server.randomness,
        proxies=Networks.of(config.trusted_proxies),
        tallies=tallies,
    )
    problems.register(app)
    guesses = Guesses(max(1, config.guesses_per_address / workers), max(1, config.guesses_in_all / workers))
    guessing = Guessing(guesses, server.clock)
    app.register_blueprint(documents.blueprint(server.activating, server.validating, server.vault, guessing))
    app.register_blueprint(health.blueprint(server.checking))
    numbers = metrics.Numbers(tallies, lambda: server.vault.trust.expires_at)
    app.register_blueprint(metrics.blueprint(numbers, Networks.of(config.metrics_networks)))
    return app
