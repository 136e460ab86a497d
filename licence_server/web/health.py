"""Is the server alive, and can it do its work?"""

from flask import Blueprint

from licence_server.services.checking import Checking


def blueprint(checking: Checking) -> Blueprint:
    """Build /healthz and /readyz."""
    bp = Blueprint("health", __name__)

    @bp.get("/healthz")
    def alive() -> dict[str, str]:
        return {"status": "alive"}

    @bp.get("/readyz")
    def ready() -> dict[str, str]:
        checking.check()
        return {"status": "ready"}

    return bp
