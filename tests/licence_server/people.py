"""People who sign in: each with a password in the head and an authenticator in the pocket."""

from dataclasses import dataclass, field

from pyotp import TOTP

from licence_server.domain.operator import Operator, Role
from licence_server.domain.passkey import Passkey
from licence_server.domain.rights import Actor
from licence_server.domain.session import Place
from licence_server.services.admitting import Pending, SignedIn
from licence_server.services.securing import Proof
from tests.licence_server.authenticator import Authenticator
from tests.licence_server.vendor import ME, Vendor

DESK = Place.of("203.0.113.7", "Firefox")
PASSWORD = "lamps under a green boat"


@dataclass
class Person:
    """Somebody whom an administrator took in."""

    vendor: Vendor
    operator: Operator
    password: str
    secret: str = ""
    recovery_codes: tuple[str, ...] = field(default=(), repr=False)

    @classmethod
    def added(cls, vendor: Vendor, name: str = "sara", role: Role = "sales") -> "Person":
        welcome = vendor.enrolling.add(name, role, ME)
        return cls(vendor, welcome.operator, welcome.password)

    @classmethod
    def ready(cls, vendor: Vendor, name: str = "sara", role: Role = "sales") -> "Person":
        """One who has signed in for the first time; the codes of that moment are used."""
        person = cls.added(vendor, name, role)
        vendor.authenticating.sign_out(person.first_sign_in().token)
        vendor.clock.advance(60)
        return person

    @property
    def name(self) -> str:
        return self.operator.name

    @property
    def stored(self) -> Operator:
        return self.vendor.enrolling.operator(self.operator.id)

    def code(self, steps: int = 0) -> str:
        """What the telephone shows, so many steps from now."""
        return TOTP(self.secret).at(self.vendor.clock.now() + 30 * steps)

    def begin(self, place: Place = DESK) -> Pending:
        return self.vendor.signing_in.begin(self.name, self.password, place)

    def set_up(self, pending: Pending) -> SignedIn:
        """Take the second factor in, and finish with its first code."""
        self.secret = self.vendor.signing_in.propose(pending.token).secret
        signed_in = self.vendor.signing_in.complete(pending.token, self.code(), DESK)
        self.recovery_codes = signed_in.recovery_codes
        return signed_in

    def first_sign_in(self) -> SignedIn:
        pending = self.vendor.signing_in.set_password(self.begin().token, PASSWORD, DESK)
        self.password = PASSWORD
        return self.set_up(pending)

    def sign_in(self, place: Place = DESK) -> SignedIn:
        """As every day; the clock goes on, so that the next code is another one."""
        signed_in = self.vendor.signing_in.complete(self.begin(place).token, self.code(), place)
        self.vendor.clock.advance(60)
        return signed_in

    def equip(self, device: Authenticator, name: str = "telephone") -> Passkey:
        """Sign in, and register a passkey on a device."""
        here, equipping = self.sign_in(), self.vendor.equipping
        options = equipping.propose(here.actor, self.proof(), here.token)
        self.vendor.clock.advance(60)
        return equipping.add(here.actor, here.token, name, device.create(options))

    @property
    def actor(self) -> Actor:
        return Actor(self.operator.id, self.name, self.stored.role)

    def proof(self, code: str | None = None) -> Proof:
        return Proof(self.password, self.code() if code is None else code, DESK)
