"""Where the use cases are put together: for the commands, the web application and the jobs alike."""

from dataclasses import dataclass

from keys.clock import Clock
from keys.identity import Randomness
from keys.keyfolder import KeyFolder
from licence_server.config import Config
from licence_server.domain.policy import Policy
from licence_server.passwords import Argon2Passwords
from licence_server.services.activating import Activating
from licence_server.services.auditing import Auditing
from licence_server.services.changing import Changing
from licence_server.services.checking import Checking
from licence_server.services.devices import device_keys
from licence_server.services.enrolling import Enrolling
from licence_server.services.issuing import Issuing
from licence_server.services.moving import Moving
from licence_server.services.reading import Reading
from licence_server.services.registering import Registering
from licence_server.services.signing import Signing
from licence_server.services.suspending import Suspending
from licence_server.services.validating import Validating
from licence_server.storage.engine import Database
from licence_server.storage.vault import FileVault


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Every use case, ready to be called."""

    config: Config
    clock: Clock
    randomness: Randomness
    database: Database
    vault: FileVault
    registering: Registering
    issuing: Issuing
    moving: Moving
    suspending: Suspending
    changing: Changing
    reading: Reading
    activating: Activating
    validating: Validating
    auditing: Auditing
    enrolling: Enrolling
    checking: Checking


def build_server(config: Config, folder: KeyFolder, *, clock: Clock, randomness: Randomness) -> Server:
    """Put the use cases together.

    Args:
        config: the settings.
        folder: the keys.
        clock: the only source of time.
        randomness: the only source of chance.

    Raises:
        InvalidInputError: the database's URL names no database that we know.
        KeyUnsafeError, MalformedError, TrustRefusedError: the keys can't be used (FileVault).
    """
    vault = FileVault(folder.path, folder.passphrase)
    database = Database(config.database, vault)
    units, reading = database.unit, database.reading
    policy, signing = policy_of(config), Signing(vault, randomness)
    issuing = Issuing(units, clock, randomness, policy)
    return Server(
        config=config,
        clock=clock,
        randomness=randomness,
        database=database,
        vault=vault,
        registering=Registering(units, reading, clock, randomness),
        issuing=issuing,
        moving=Moving(units, clock, issuing),
        suspending=Suspending(units, clock),
        changing=Changing(units, clock),
        reading=Reading(reading, clock),
        activating=Activating(units, clock, randomness, signing, policy),
        validating=Validating(units, clock, signing, device_keys(reading)),
        auditing=Auditing(units, reading, clock, vault),
        enrolling=Enrolling(units=units, clock=clock, randomness=randomness, passwords=Argon2Passwords()),
        checking=Checking(reading=reading, desk=vault),
    )


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
    )
