"""The web application, built around the use cases. Nothing here reads the environment or runs at import."""

from collections.abc import Sequence
from dataclasses import fields
from importlib.metadata import version

from flask import Flask

from keys.jws import MAX_BYTES
from licence_server.assembly import Server
from licence_server.domain.limits import Guesses
from licence_server.web import health, metrics, observing, problems
from licence_server.web.addresses import Networks
from licence_server.web.agents import documents
from licence_server.web.agents.guessing import Guessing
from licence_server.web.api import (
    bundles,
    certificates,
    customers,
    exchanges,
    exports,
    imports,
    openapi,
    outages,
    plans,
    records,
    serving,
)
from licence_server.web.api.endpoint import Endpoint
from licence_server.web.api.licences import Licences
from licence_server.web.api.webhooks import Webhooks
from licence_server.web.console import blueprint as console
from licence_server.web.console.use_cases import UseCases

VERSION = version("onpremise-licensing")


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
    endpoints = api_endpoints(server)
    guard = serving.Guard(server.authenticating, server.repeating, guessing)
    app.register_blueprint(serving.blueprint(guard, endpoints, openapi.document(endpoints, VERSION)))
    numbers = metrics.Numbers(tallies, lambda: server.vault.trust.expires_at)
    app.register_blueprint(metrics.blueprint(numbers, Networks.of(config.metrics_networks)))
    use_cases, randomness = _use_cases(server), server.randomness
    app.register_blueprint(
        console.blueprint(use_cases, issuer=config.issuer, clock=server.clock, randomness=randomness)
    )
    return app


def api_endpoints(server: Server) -> Sequence[Endpoint]:
    """Return the table of the operators' API."""
    licences = Licences(server.clock, server.reading, server.issuing, server.moving, server.suspending, server.changing)
    return (
        *customers.endpoints(server.registering, server.reading, server.finding),
        *plans.endpoints(server.planning),
        *licences.endpoints(),
        *certificates.endpoints(server.certifying),
        *bundles.endpoints(server.bundling),
        *exchanges.endpoints(server.exchanging),
        *imports.endpoints(server.importing, server.imported_codes),
        *outages.endpoints(server.declaring),
        *exports.endpoints(server.exporting),
        *records.endpoints(server.approving, server.auditing, server.clock),
        *Webhooks(server.subscribing).endpoints(),
    )


def _use_cases(server: Server) -> UseCases:
    return UseCases(**{field.name: getattr(server, field.name) for field in fields(UseCases)})
