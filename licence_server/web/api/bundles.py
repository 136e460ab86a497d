"""Installation packages over HTTP."""

from collections.abc import Sequence

from keys.errors import InvalidInputError, NotFoundError, UnavailableError
from licence_server.services.bundling import Bundling
from licence_server.services.ports_bundle import form_of
from licence_server.web.api.endpoint import Answer, Call, Endpoint, Nothing

_BYTES = "application/octet-stream"


class ReleaseAnswer(Answer):
    """The agent that packages bring: ``glibc`` is the oldest C library it runs on, ``built_at`` when it was built."""

    version: str
    platform: str
    glibc: str
    built_at: int
    server: str


def endpoints(bundling: Bundling) -> Sequence[Endpoint]:
    """Return what installers carry."""

    def about(_call: Call[Nothing]) -> Answer:
        release = bundling.release()
        return ReleaseAnswer(
            version=release.version,
            platform=release.platform,
            glibc=release.glibc,
            built_at=release.built_at,
            server=bundling.server,
        )

    def package(call: Call[Nothing]) -> Sequence[bytes]:
        return [bundling.package(form_of(call.path["form"])).content]

    return (
        Endpoint(method="GET", path="/bundles", name="showRelease", summary="The agent that packages bring",
                 right="licences.code", answer=ReleaseAnswer, refusals=(InvalidInputError,), work=about),
        Endpoint(method="GET", path="/bundles/<form>", name="downloadBundle", right="licences.code",
                 summary="An installation package: form is run or deb", answer=Nothing, streams=_BYTES,
                 refusals=(InvalidInputError, NotFoundError, UnavailableError), work=package),
    )  # fmt: skip
