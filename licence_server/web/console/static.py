"""Serves the console's own and others' files, which a browser may keep for ever: their address has their digest."""

import mimetypes

from flask import Blueprint, Response, url_for

from keys.errors import NotFoundError
from licence_server.web.console.files import load_files
from licence_server.web.console.headers import FOR_EVER
from licence_server.web.console.language import marked


def register(bp: Blueprint) -> None:
    """Add the one address of files."""

    @bp.get("/static/<version>/<path:name>")
    def static(version: str, name: str) -> Response:
        files = load_files()
        content = files.contents.get(name)
        if content is None or version != files.version:
            raise NotFoundError(marked("There is no such file in this version of the console."))
        kind = "font/woff2" if name.endswith(".woff2") else mimetypes.guess_type(name)[0]
        return Response(content, content_type=kind, headers={"Cache-Control": FOR_EVER})


def address_of(name: str) -> str:
    """Return the address of a file, such as ``app.css``; those that it names relative to itself are beside it."""
    return url_for("console.static", version=load_files().version, name=name)
