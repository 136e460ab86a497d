"""The command ``licence-server``."""

from licence_server.cli.root import main

__all__ = ["main"]
