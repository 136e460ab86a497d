"""Where the use cases are put together: for the commands, the web application and the jobs alike."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypedDict

from keys.addresses import read_network
from keys.clock import Clock
from keys.identity import Randomness
from keys.keyfolder import KeyFolder
from keys.sealing import Sealing
from licence_server.assembly_access import access, proving_of
from licence_server.bundles.packing import LinuxPacker
from licence_server.bundles.release import ArchiveShelf
from licence_server.calling import HttpCourier
from licence_server.certificates.printer import PdfPrinter
from licence_server.config import Config
from licence_server.domain.approval import FourEyes
from licence_server.domain.imports import ImportKind
from licence_server.domain.policy import Policy
from licence_server.domain.receiver import Receivers
from licence_server.passwords import Argon2Passwords
from licence_server.services.activating import Activating
from licence_server.services.approving import Approving, Permits
from licence_server.services.attending import Attending
from licence_server.services.auditing import Auditing
from licence_server.services.authenticating import Authenticating
from licence_server.services.bundling import Bundling
from licence_server.services.certifying import Certifying
from licence_server.services.changing import Changing
from licence_server.services.checking import Checking
from licence_server.services.declaring import Declaring
from licence_server.services.delegating import Delegating
from licence_server.services.delivering import Delivering
from licence_server.services.devices import device_keys
from licence_server.services.enrolling import Enrolling
from licence_server.services.equipping import Equipping
from licence_server.services.exchanging import Exchanging
from licence_server.services.exporting import Exporting
from licence_server.services.federating import Federating
from licence_server.services.finding import Finding
from licence_server.services.imported_codes import ImportedCodes
from licence_server.services.importing import Importing, Things
from licence_server.services.importing_customers import CustomerRows
from licence_server.services.importing_licences import LicenceRows
from licence_server.services.issuing import Issuing
from licence_server.services.moving import Moving
from licence_server.services.planning import Planning
from licence_server.services.ports import Units
from licence_server.services.ports_access import Passwords, Seal
from licence_server.services.reading import Reading
from licence_server.services.recognising import Recognising
from licence_server.services.registering import Registering
from licence_server.services.renewing import Renewing
from licence_server.services.repeating import Repeating
from licence_server.services.securing import Securing
from licence_server.services.signing import Signing
from licence_server.services.signing_in import SigningIn
from licence_server.services.subscribing import Subscribing
from licence_server.services.suspending import Suspending
from licence_server.services.validating import Validating
from licence_server.storage.engine import Database
from licence_server.storage.vault import FileVault
from licence_server.totp import Totp
from licence_server.web.console.files import PRINTED
from licence_server.workbooks import Workbooks


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Every use case, ready to be called."""

    config: Config
    clock: Clock
    randomness: Randomness
    database: Database
    vault: FileVault
    registering: Registering
    planning: Planning
    issuing: Issuing
    moving: Moving
    suspending: Suspending
    changing: Changing
    reading: Reading
    renewing: Renewing
    finding: Finding
    activating: Activating
    validating: Validating
    exchanging: Exchanging
    declaring: Declaring
    auditing: Auditing
    enrolling: Enrolling
    signing_in: SigningIn
    authenticating: Authenticating
    securing: Securing
    recognising: Recognising
    equipping: Equipping
    federating: Federating
    delegating: Delegating
    approving: Approving
    attending: Attending
    bundling: Bundling
    certifying: Certifying
    repeating: Repeating
    importing: Importing
    imported_codes: ImportedCodes
    exporting: Exporting
    checking: Checking
    subscribing: Subscribing
    delivering: Delivering


def build_server(
    config: Config, folder: KeyFolder, *, clock: Clock, randomness: Randomness, passwords: Passwords | None = None
) -> Server:
    """Put the use cases together.

    Args:
        config: the settings.
        folder: the keys.
        clock: the only source of time.
        randomness: the only source of chance.
        passwords: hashes them; None: Argon2id.

    Raises:
        InvalidInputError: the database's URL names no database that we know.
        KeyUnsafeError, MalformedError, TrustRefusedError: the keys can't be used (FileVault).
    """
    vault = FileVault(folder.path, folder.passphrase)
    database = Database(config.database, vault)
    units, reading = database.unit, database.reading
    policy, signing = policy_of(config), Signing(vault, randomness)
    permits = Permits(units, clock, randomness, policy.four_eyes)
    issuing = Issuing(units, clock, randomness, policy, permits)
    passwords, seal = passwords or Argon2Passwords(), Sealing(folder.passphrase, config.issuer, randomness)
    proving = proving_of(config, database, clock=clock, passwords=passwords, authenticator=Totp(randomness), seal=seal)
    return Server(
        **_looks(config, reading, clock, vault),
        **access(config, proving, randomness),
        **_registers(database, issuing),
        **_programs(config, database, clock, randomness, seal),
        config=config,
        clock=clock,
        randomness=randomness,
        database=database,
        vault=vault,
        planning=Planning(units, reading, clock, randomness),
        issuing=issuing,
        moving=Moving(units, reading, clock, issuing, permits),
        suspending=Suspending(units, clock, permits),
        changing=Changing(units, reading, clock, permits),
        renewing=Renewing(units, reading, clock),
        **_answering(database, signing, policy, permits),
        auditing=Auditing(units, reading, clock, vault),
        approving=Approving(units, reading, clock),
    )


class _Looks(TypedDict):
    """What changes nothing."""

    reading: Reading
    finding: Finding
    attending: Attending
    bundling: Bundling
    certifying: Certifying
    checking: Checking


def _looks(config: Config, reading: Units, clock: Clock, vault: FileVault) -> _Looks:
    return _Looks(
        reading=Reading(reading, clock),
        finding=Finding(reading, clock),
        certifying=Certifying(reading=reading, clock=clock, issuer=config.issuer, printer=PdfPrinter(PRINTED)),
        bundling=Bundling(
            desk=vault,
            shelf=ArchiveShelf(config.agent_archive),
            packer=LinuxPacker(config.issuer),
            server=config.issuer,
        ),
        attending=Attending(reading=reading, clock=clock, desk=vault, silence=config.silence),
        checking=Checking(reading=reading, desk=vault),
    )


class _Registers(TypedDict):
    """How customers come in: one by one, and by files."""

    registering: Registering
    importing: Importing
    imported_codes: ImportedCodes
    exporting: Exporting


def _registers(database: Database, issuing: Issuing) -> _Registers:
    units, reading, clock, randomness = database.unit, database.reading, issuing.clock, issuing.randomness
    registering = Registering(units, reading, clock, randomness)
    kinds: Mapping[ImportKind, Things] = {"customers": CustomerRows(registering), "licences": LicenceRows(issuing)}
    return _Registers(
        registering=registering,
        importing=Importing(units, reading, clock, randomness, Workbooks(), kinds),
        imported_codes=ImportedCodes(units, clock, issuing),
        exporting=Exporting(Reading(reading, clock)),
    )


class _Answering(TypedDict):
    """What is signed."""

    activating: Activating
    validating: Validating
    exchanging: Exchanging
    declaring: Declaring


def _answering(database: Database, signing: Signing, policy: Policy, permits: Permits) -> _Answering:
    units, reading, clock, randomness = database.unit, database.reading, permits.clock, permits.randomness
    activating = Activating(units, clock, randomness, signing, policy)
    validating = Validating(units, clock, signing, device_keys(reading))
    return _Answering(
        activating=activating,
        validating=validating,
        exchanging=Exchanging(units, clock, activating, validating, signing.desk),
        declaring=Declaring(units, reading, clock, randomness, signing, permits),
    )


class _Programs(TypedDict):
    """How other programs ask, and are told."""

    repeating: Repeating
    subscribing: Subscribing
    delivering: Delivering


def _programs(config: Config, database: Database, clock: Clock, randomness: Randomness, seal: Seal) -> _Programs:
    units, reading = database.unit, database.reading
    receivers = Receivers(tuple(read_network(network) for network in config.webhook_networks))
    courier = HttpCourier(receivers, clock, f"licence-server ({config.issuer})")
    subscribing = Subscribing(
        units=units, reading=reading, clock=clock, randomness=randomness, seal=seal, receivers=receivers
    )
    delivering = Delivering(
        units=units, reading=reading, clock=clock, randomness=randomness, seal=seal, courier=courier
    )
    return {"repeating": Repeating(units, clock, seal), "subscribing": subscribing, "delivering": delivering}


def policy_of(config: Config) -> Policy:
    """Return the vendor's defaults for what an order leaves open."""
    return Policy(
        product=config.product,
        edition=config.edition,
        interval=config.interval,
        grace=config.grace,
        terms_grace=config.terms_grace,
        threshold=config.threshold,
        code_lifetime=config.code_lifetime,
        terms_version=config.terms_version,
        four_eyes=FourEyes(config.four_eyes_users, config.four_eyes_rehosts, config.four_eyes_revocations),
    )
