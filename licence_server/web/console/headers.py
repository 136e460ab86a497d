"""What every answer of the console tells the browser to forbid: other origins, frames, inline scripts, its cache."""

from urllib.parse import urlsplit

from flask import Response

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    # "no-referrer" would make browsers send "Origin: null" with our own forms.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_WITH_CAMERA = _HEADERS["Permissions-Policy"].replace("camera=()", "camera=(self)")
_YEARS = 2 * 365 * 86_400
FOR_EVER = "public, max-age=31536000, immutable"


def set_headers(response: Response, issuer: str, *, has_camera: bool) -> Response:
    """Set them; HTTPS for two years where the issuer is reached over it.

    Args:
        response: the answer.
        issuer: the server's public URL.
        has_camera: whether the page reads codes, so that it may ask for the camera.
    """
    response.headers.update(_HEADERS)
    if has_camera:
        response.headers["Permissions-Policy"] = _WITH_CAMERA
    if urlsplit(issuer).scheme == "https":
        response.headers["Strict-Transport-Security"] = f"max-age={_YEARS}"
    return response
