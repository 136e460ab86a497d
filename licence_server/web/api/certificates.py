"""Certificates of licences over HTTP."""

from base64 import b64encode
from collections.abc import Sequence

from keys.errors import NotFoundError, UnavailableError
from licence_server.domain.certificate import Language
from licence_server.services.certifying import Certifying
from licence_server.web.api.endpoint import Answer, Call, Endpoint, Query


class CertificateQuery(Query):
    """In which language."""

    language: Language = "fa"


class CertificateAnswer(Answer):
    """A certificate to be printed: ``pdf`` is the file in base64, the same all day long."""

    id: str
    language: Language
    pdf: str


def endpoints(certifying: Certifying) -> Sequence[Endpoint]:
    """Return what can be printed."""

    def work(call: Call[CertificateQuery]) -> Answer:
        licence_id, language = call.path["licence_id"], call.given.language
        page = certifying.certificate(licence_id, language)
        return CertificateAnswer(id=licence_id, language=language, pdf=b64encode(page).decode())

    return (
        Endpoint(
            method="GET", path="/licences/<licence_id>/certificate", name="showCertificate",
            summary="A certificate to be printed", right="licences.read", given=CertificateQuery,
            answer=CertificateAnswer, refusals=(NotFoundError, UnavailableError), work=work,
        ),
    )  # fmt: skip
