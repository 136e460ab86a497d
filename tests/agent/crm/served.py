"""The CRM in Flask as gunicorn serves it, in several processes that are forked from one."""

import os
from functools import partial
from pathlib import Path

from agent.crm.client import Client
from agent.crm.places import Policy
from agent.crm.wsgi import LicenceMiddleware
from tests.agent.crm import flask_crm
from tests.fakes import TurnableClock

SOCKET, ROOT = "CRM_TEST_SOCKET", "CRM_TEST_ROOT"


def create() -> LicenceMiddleware:
    """Make the application, once for all workers."""
    client = Client(
        f"unix:{os.environ[SOCKET]}", root=Path(os.environ[ROOT]), policy=Policy(interval=1), clock=TurnableClock()
    )
    crm = flask_crm.create()
    crm.get("/worker")(lambda: str(os.getpid()))
    return LicenceMiddleware(
        crm, client, user=partial(flask_crm.who, crm), login=["/login"], logout=["/logout"], exempt=["/worker"]
    )
