"""The client that a Python CRM imports: seats for its people, and a licence that it need not take on trust.

Stands on the standard library and ``keys`` alone. docs/crm.md shows how it is used.
"""

from pathlib import Path

from agent.crm.asking import Desk
from agent.crm.background import Background
from agent.crm.believing import Believed, Verifier
from agent.crm.knowing import Knowledge
from agent.crm.places import Policy
from agent.crm.reaching import way_to
from agent.crm.seats import Seats
from agent.crm.wire import Wire
from keys.clock import Clock, SystemClock
from keys.errors import LicensingError

_SYSTEM_CLOCK = SystemClock()
_USUAL = Policy()


class Client:
    """One agent, for all threads of a process; a forked process may go on with it."""

    seats: Seats
    """Where seats are taken: ``with client.seats.hold(user, client):``."""

    def __init__(
        self,
        agent: str,
        *,
        root: bytes | Path,
        token: Path | None = None,
        certificate: Path | None = None,
        product: str | None = None,
        licence: str | None = None,
        policy: Policy = _USUAL,
        timeout: float = 5.0,
        clock: Clock = _SYSTEM_CLOCK,
    ) -> None:
        """Prepare it; nothing is sent yet.

        Args:
            agent: ``unix:/path/agent.sock``, ``http://127.0.0.1:7411`` or ``https://name:7412``.
            root: the vendor's trust document (``root.json``), shipped with the CRM: whose licences count.
            token: the file ``application.token`` of the agent, which TCP needs and the Unix socket does not.
            certificate: the agent's ``tls.crt``, for ``https``.
            product: the product's name in licences that count; None: any of this vendor's.
            licence: the one licence id that counts, for a CRM that is built for one customer; None: any.
            policy: intervals, and what happens while the agent is away.
            timeout: seconds that an answer may take.
            clock: to be turned by tests.

        Raises:
            InvalidInputError: the address, token or certificate can't be used.
            MalformedError, TooLargeError, TrustRefusedError: ``root`` is no trust document.
        """
        document = root if isinstance(root, bytes) else root.read_bytes()
        self._wire = Wire(way_to(agent, certificate, timeout), token, timeout)
        self._knowledge = Knowledge(self._wire, Verifier(document, clock, product=product, licence=licence), clock)
        self.clock = clock
        self._background = Background(self.refresh, policy.interval)
        self._desk = desk = Desk(self._wire, clock, policy.patience)
        self.seats = Seats(desk, self._knowledge, clock, policy, self._background.start)

    def licence(self) -> Believed:
        """Ask for the licence, verify its document, and return what may be believed.

        Raises:
            AgentNotBelievedError: the agent says more than the signed licence allows.
            UnreachableError, UnavailableError: no answer.
            LicensingError: the agent refused, such as TokenInvalidError.
        """
        return self._knowledge.ask()

    def known_licence(self) -> Believed:
        """Return what was believed at most a minute ago, or long ago while the agent is away. Raises as licence."""
        return self._knowledge.recent(2 * self.seats.policy.interval)

    @property
    def is_away(self) -> bool:
        """Tell whether the agent did not answer when it was last asked something about seats."""
        return self._desk.away_since is not None

    def refresh(self) -> None:
        """Do what the background does: one heartbeat, and a look at the licence."""
        self.seats.beat()
        try:
            self._knowledge.ask()
        except LicensingError:
            return

    def close(self) -> None:
        """Stop the background and close the connections. Seats run out; ``with`` blocks have given theirs back."""
        self._background.stop()
        self._wire.close()
