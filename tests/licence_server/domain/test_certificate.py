"""What a printed certificate leads to."""

from licence_server.domain.certificate import Certificate
from tests.licence_server.samples import ISSUER, NOW, licence


def test_it_leads_to_the_licence_in_the_console() -> None:
    assert Certificate(ISSUER, licence(), "active", NOW).address == f"{ISSUER}/console/licences/lic_1"
