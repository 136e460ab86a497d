"""The licence server's own application for gunicorn, whose sync workers read and answer in one thread."""

import os
from pathlib import Path

from flask import Flask

from keys.clock import SystemClock
from keys.keyfolder import KeyFolder
from licence_server.app import create_app
from licence_server.assembly import build_server
from licence_server.config import load_config
from licence_server.web.metrics import Tallies


def build() -> Flask:
    home = Path(os.environ["LICENCE_SERVER_HOME"])
    folder = KeyFolder.of_home(home, os.environ)
    server = build_server(load_config(home, os.environ), folder, clock=SystemClock(), randomness=os.urandom)
    return create_app(server, tallies=Tallies())
