"""What every request for the console passes: is it for us, from a page of ours, of somebody who may."""

import re
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from http import HTTPStatus

from flask import Response, g, redirect, request, url_for
from werkzeug.wrappers import Response as Answer

from keys.errors import NotFoundError, NotSignedInError
from keys.identity import Randomness
from licence_server.services.admitting import SignedIn
from licence_server.services.authenticating import Authenticating
from licence_server.web.console.access import PUBLIC, check_access
from licence_server.web.console.doors import check_host, check_origin, check_token
from licence_server.web.console.files import REMEDY, missing
from licence_server.web.console.headers import set_headers
from licence_server.web.console.importing import LARGEST
from licence_server.web.console.language import choose, marked
from licence_server.web.console.signing_in import SESSION
from licence_server.web.console.visitor import LANGUAGE, SAID, Cookies

_VISIT = "visit"
"""Cookie with a secret of whoever has not signed in, so that forms before the sign-in have a token too."""
_WITH_CAMERA = {"exchange", "answer_request"}
"""Endpoints whose page reads codes."""

_IDS = ("customer_id", "import_id", "licence_id", "operator_id", "passkey_id", "plan_id", "session_id", "token_id")
_ID = re.compile(r"[a-z]{1,8}_[0-9A-Za-z]{1,40}")


@dataclass(frozen=True, slots=True)
class Entrance:
    """Lets requests in, and tells browsers with every answer what to forbid."""

    authenticating: Authenticating
    cookies: Cookies
    randomness: Randomness

    def enter(self) -> Answer | None:
        """Find out who is there, and refuse what must not be. Raises LicensingError, HTTPException."""
        g.language = choose(request.cookies.get(LANGUAGE), request.accept_languages)
        g.cookies, g.said = self.cookies, self.cookies.secret(request, SAID)
        g.signed_in, g.secret, g.is_first_visit = None, self.cookies.secret(request, _VISIT), False
        if not g.secret:
            g.secret, g.is_first_visit = urlsafe_b64encode(self.randomness(32)).decode(), True
        check_host(request, self.cookies.issuer)
        if missing():
            said = f"The console's files are missing. {REMEDY}\n"
            return Response(said, HTTPStatus.SERVICE_UNAVAILABLE, content_type="text/plain; charset=utf-8")
        check_origin(request, self.cookies.issuer)
        if _endpoint() == "static":
            return None
        g.signed_in = self._signed_in()
        if g.signed_in is not None:
            g.secret, g.is_first_visit = g.signed_in.token, False
            request.max_content_length = LARGEST.get(_endpoint(), request.max_content_length)
        check_token(request, g.secret)
        if not all(map(_ID.fullmatch, (value for name, value in (request.view_args or {}).items() if name in _IDS))):
            raise NotFoundError(marked("There is no page at this address."))
        return None if _endpoint() in PUBLIC else _let_in()

    def leave(self, response: Response) -> Response:
        """Complete an answer."""
        if response.mimetype == "text/html" and g.is_first_visit:
            self.cookies.set_secret(response, _VISIT, g.secret)
        if response.mimetype == "text/html" and response.status_code == HTTPStatus.OK and g.said:
            self.cookies.set_secret(response, SAID, "")
        return set_headers(response, self.cookies.issuer, has_camera=_endpoint() in _WITH_CAMERA)

    def _signed_in(self) -> SignedIn | None:
        token = self.cookies.secret(request, SESSION)
        try:
            return self.authenticating.session(token) if token else None
        except NotSignedInError:
            return None


def _endpoint() -> str:
    return (request.endpoint or "").rpartition(".")[2]


def _let_in() -> Answer | None:
    """Let in whoever may open the page; send to the way in whoever has not signed in, and back here afterwards.

    Raises:
        NotAllowedError: the role does not allow it.
        NotSignedInError: a form was sent after the session's end.
    """
    if g.signed_in is not None:
        check_access(_endpoint(), g.signed_in.actor)
        return None
    if request.method != "GET" or request.headers.get("HX-Request"):
        raise NotSignedInError(marked("Your session is over: sign in, and do it again."))
    return redirect(url_for("console.sign_in", next=request.full_path.rstrip("?")), HTTPStatus.SEE_OTHER)
