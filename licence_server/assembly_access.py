"""Where the use cases of signing in are put together: a part of the assembly."""

from pathlib import Path
from typing import TypedDict
from urllib.parse import urlsplit

from keys.clock import Clock
from keys.identity import Randomness
from licence_server.config import Config
from licence_server.domain.federation import Federation
from licence_server.domain.session import Lifetimes
from licence_server.passkeys import Ceremonies
from licence_server.provider import OpenIdProvider
from licence_server.services.admitting import Admitting
from licence_server.services.authenticating import Authenticating
from licence_server.services.delegating import Delegating
from licence_server.services.enrolling import Enrolling
from licence_server.services.equipping import Equipping
from licence_server.services.federating import Federating
from licence_server.services.ports_access import Authenticator, Passwords, Seal
from licence_server.services.proving import Attempts, Proving
from licence_server.services.recognising import Recognising
from licence_server.services.securing import Securing
from licence_server.services.signing_in import SigningIn
from licence_server.storage.engine import Database


class Access(TypedDict):
    """How the vendor's people come in."""

    enrolling: Enrolling
    signing_in: SigningIn
    authenticating: Authenticating
    securing: Securing
    recognising: Recognising
    equipping: Equipping
    federating: Federating
    delegating: Delegating


def access(config: Config, proving: Proving, randomness: Randomness) -> Access:
    """Put together how the vendor's people come in."""
    lifetimes, host = Lifetimes(config.session_idle, config.session_life), urlsplit(config.issuer).hostname or ""
    units, reading, clock, passwords = proving.units, proving.reading, proving.clock, proving.passwords
    ceremonies, securing = Ceremonies(config.issuer), Securing(proving=proving, randomness=randomness)
    admitting = Admitting(randomness=randomness, lifetimes=lifetimes)
    return Access(
        enrolling=Enrolling(units=units, reading=reading, clock=clock, randomness=randomness, passwords=passwords),
        signing_in=SigningIn(proving=proving, admitting=admitting, randomness=randomness, issuer=host),
        authenticating=Authenticating(units=units, reading=reading, clock=clock, lifetimes=lifetimes),
        securing=securing,
        recognising=Recognising(proving=proving, admitting=admitting, ceremonies=ceremonies),
        equipping=Equipping(securing=securing, ceremonies=ceremonies, randomness=randomness),
        federating=_federating(config, proving, admitting),
        delegating=Delegating(units=units, reading=reading, clock=clock, randomness=randomness, securing=securing),
    )


def _federating(config: Config, proving: Proving, admitting: Admitting) -> Federating:
    secret_file = Path(config.sso_secret_file) if config.sso_secret_file else None
    callback = urlsplit(config.issuer)._replace(path="/console/sign-in/sso/back").geturl()
    provider = OpenIdProvider(config.sso_issuer, config.sso_client, secret_file, callback, proving.clock)
    federation = Federation(
        name=config.sso_name,
        identity=config.sso_identity,
        proves_second_factor=config.sso_second_factor == "provider",
        assurances=config.sso_assurances,
        max_age=config.sso_max_age or None,
    )
    return Federating(
        proving=proving,
        admitting=admitting,
        federation=federation if config.sso_issuer else None,
        provider=provider,
    )


def proving_of(
    config: Config,
    database: Database,
    *,
    clock: Clock,
    passwords: Passwords,
    authenticator: Authenticator,
    seal: Seal,
) -> Proving:
    """Put together what judges passwords and codes, with its limits on guessing."""
    return Proving(
        units=database.unit,
        reading=database.reading,
        clock=clock,
        passwords=passwords,
        authenticator=authenticator,
        seal=seal,
        attempts=Attempts(config.guesses_per_address, config.guesses_in_all),
    )
