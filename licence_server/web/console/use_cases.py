"""What the console's pages call."""

from dataclasses import dataclass

from licence_server.services.approving import Approving
from licence_server.services.attending import Attending
from licence_server.services.auditing import Auditing
from licence_server.services.authenticating import Authenticating
from licence_server.services.bundling import Bundling
from licence_server.services.certifying import Certifying
from licence_server.services.changing import Changing
from licence_server.services.declaring import Declaring
from licence_server.services.delegating import Delegating
from licence_server.services.enrolling import Enrolling
from licence_server.services.equipping import Equipping
from licence_server.services.exchanging import Exchanging
from licence_server.services.exporting import Exporting
from licence_server.services.federating import Federating
from licence_server.services.finding import Finding
from licence_server.services.imported_codes import ImportedCodes
from licence_server.services.importing import Importing
from licence_server.services.issuing import Issuing
from licence_server.services.moving import Moving
from licence_server.services.planning import Planning
from licence_server.services.reading import Reading
from licence_server.services.recognising import Recognising
from licence_server.services.registering import Registering
from licence_server.services.renewing import Renewing
from licence_server.services.securing import Securing
from licence_server.services.signing_in import SigningIn
from licence_server.services.subscribing import Subscribing
from licence_server.services.suspending import Suspending


@dataclass(frozen=True, slots=True, kw_only=True)
class UseCases:
    """The use cases that have a page or a button."""

    approving: Approving
    attending: Attending
    bundling: Bundling
    certifying: Certifying
    auditing: Auditing
    authenticating: Authenticating
    changing: Changing
    delegating: Delegating
    declaring: Declaring
    enrolling: Enrolling
    exchanging: Exchanging
    equipping: Equipping
    exporting: Exporting
    federating: Federating
    finding: Finding
    imported_codes: ImportedCodes
    importing: Importing
    issuing: Issuing
    moving: Moving
    planning: Planning
    reading: Reading
    recognising: Recognising
    registering: Registering
    renewing: Renewing
    securing: Securing
    signing_in: SigningIn
    subscribing: Subscribing
    suspending: Suspending
