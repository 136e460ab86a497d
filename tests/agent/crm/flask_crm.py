"""A CRM in Flask: it knows who is signed in by its own signed session cookie, and nothing of licences."""

from collections.abc import Iterator
from typing import Any

from flask import Flask, Response, redirect, request, session


def create() -> Flask:
    app = Flask(__name__)
    app.secret_key = "of a test"

    @app.get("/login")
    def form() -> str:
        return "<html><body class=login><form method=post><input name=user></form></body></html>"

    @app.post("/login")
    def login() -> Any:
        session["user"] = request.form["user"]
        return redirect("/")

    @app.post("/logout")
    def logout() -> Any:
        session.clear()
        return redirect("/login")

    @app.get("/")
    def home() -> str:
        return f"<html><body class=home>Hello {session.get('user')}</body></html>"

    @app.post("/customers")
    def add() -> Any:
        return {"added": True}, 201

    @app.get("/export")
    def export() -> Response:
        def rows() -> Iterator[str]:
            yield "<body>"
            yield "a" * 10

        return Response(rows(), mimetype="text/html")

    return app


def who(app: Flask, environ: dict[str, Any]) -> str | None:
    """What docs/crm.md shows for Flask."""
    with app.request_context(environ):
        user: str | None = session.get("user")
        return user
