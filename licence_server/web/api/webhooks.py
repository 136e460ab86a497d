"""Webhooks over HTTP: parse, call one use case, show."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Annotated

from pydantic import Field

from keys.errors import InvalidInputError, NotFoundError, StateConflictError
from licence_server.domain.attempt import Fault
from licence_server.domain.delivery import State
from licence_server.domain.rights import Right
from licence_server.domain.webhook import TYPES, Webhook, Why
from licence_server.services.subscribing import Entrusted, Subscribing, Told
from licence_server.web.api.customers import PageQuery, place, place_text
from licence_server.web.api.endpoint import Answer, Body, Call, Endpoint, Nothing


class WebhookBody(Body):
    """Where to send which events."""

    url: str
    types: Annotated[list[str], Field(max_length=len(TYPES))]


class WebhookAnswer(Answer):
    """A webhook; ``why`` says why it was switched off: it answered 410 (gone), or failed for days (failing)."""

    id: str
    url: str
    types: tuple[str, ...]
    created_at: int
    failing_since: int | None
    disabled_at: int | None
    why: Why | None
    previous_until: int | None

    @classmethod
    def of(cls, webhook: Webhook) -> "WebhookAnswer":
        """Show a webhook."""
        return cls(**asdict(webhook))


class EntrustedAnswer(WebhookAnswer):
    """A webhook with its secret, which is shown this once."""

    secret: str

    @classmethod
    def entrusted(cls, entrusted: Entrusted) -> "EntrustedAnswer":
        """Show both."""
        return cls(**asdict(entrusted.webhook), secret=entrusted.secret)


class WebhooksAnswer(Answer):
    """Webhooks, oldest first."""

    found: list[WebhookAnswer]


class AttemptAnswer(Answer):
    """An attempt; ``fault`` says why there is no status, ``duration`` is in milliseconds."""

    number: int
    at: int
    status: int | None
    fault: Fault | None
    duration: int
    answer: str


class DeliveryAnswer(Answer):
    """A message to a webhook; ``due_at`` is its next attempt."""

    id: str
    message_id: str
    type: str
    state: State
    created_at: int
    due_at: int | None
    attempts: list[AttemptAnswer]

    @classmethod
    def of(cls, told: Told) -> "DeliveryAnswer":
        """Show a delivery with its attempts."""
        attempts = [AttemptAnswer(number=each.number, at=each.at, **asdict(each.outcome)) for each in told.attempts]
        return cls(**{**asdict(told.delivery), "attempts": attempts})


class DeliveriesAnswer(Answer):
    """A page of deliveries, newest first; ``next`` is the ``after`` of the following one."""

    found: list[DeliveryAnswer]
    next: str | None


@dataclass(frozen=True, slots=True)
class Webhooks:
    """What can be done with webhooks."""

    subscribing: Subscribing

    def endpoints(self) -> Sequence[Endpoint]:
        """Return the table."""
        one, gone = "/webhooks/<webhook_id>", (NotFoundError,)
        right: Right = "webhooks.write"
        stopped = (*gone, StateConflictError)
        return (
            Endpoint(method="GET", path="/webhooks", name="listWebhooks", summary="Where events are sent", right=right,
                     answer=WebhooksAnswer, work=self._all_of_them),
            Endpoint(method="POST", path="/webhooks", name="addWebhook", summary="Send events to an address",
                     right=right, given=WebhookBody, answer=EntrustedAnswer, status=HTTPStatus.CREATED,
                     refusals=(InvalidInputError, StateConflictError), work=self._add),
            Endpoint(method="GET", path=one, name="showWebhook", summary="A webhook", right=right, answer=WebhookAnswer,
                     refusals=gone, work=self._show),
            Endpoint(method="POST", path=f"{one}/removal", name="removeWebhook", summary="Send nothing there any more",
                     right=right, given=Body, answer=WebhookAnswer, refusals=gone, work=self._remove),
            Endpoint(method="POST", path=f"{one}/rotation", name="rotateWebhook", summary="Make another secret",
                     right=right, given=Body, answer=EntrustedAnswer, refusals=gone, work=self._rotate),
            Endpoint(method="POST", path=f"{one}/enabling", name="enableWebhook", summary="Switch it on again",
                     right=right, given=Body, answer=WebhookAnswer, refusals=stopped, work=self._enable),
            Endpoint(method="POST", path=f"{one}/test", name="testWebhook", summary="Send a ping", right=right,
                     given=Body, answer=WebhookAnswer, refusals=stopped, work=self._test),
            Endpoint(method="GET", path=f"{one}/deliveries", name="listDeliveries", summary="What was sent there",
                     right=right, given=PageQuery, answer=DeliveriesAnswer, refusals=(*gone, InvalidInputError),
                     work=self._deliveries),
            Endpoint(method="POST", path=f"{one}/deliveries/<delivery_id>/repetition", name="resendDelivery",
                     summary="Send it again", right=right, given=Body, answer=DeliveryAnswer, refusals=stopped,
                     work=self._resend),
        )  # fmt: skip

    def _all_of_them(self, _call: Call[Nothing]) -> WebhooksAnswer:
        return WebhooksAnswer(found=[WebhookAnswer.of(each) for each in self.subscribing.all()])

    def _add(self, call: Call[WebhookBody]) -> EntrustedAnswer:
        given = call.given
        return EntrustedAnswer.entrusted(self.subscribing.add(given.url, given.types, call.actor.by))

    def _show(self, call: Call[Nothing]) -> WebhookAnswer:
        return WebhookAnswer.of(self.subscribing.one(call.path["webhook_id"]))

    def _remove(self, call: Call[Body]) -> WebhookAnswer:
        return WebhookAnswer.of(self.subscribing.remove(call.path["webhook_id"], call.actor.by))

    def _rotate(self, call: Call[Body]) -> EntrustedAnswer:
        return EntrustedAnswer.entrusted(self.subscribing.rotate(call.path["webhook_id"], call.actor.by))

    def _enable(self, call: Call[Body]) -> WebhookAnswer:
        return WebhookAnswer.of(self.subscribing.enable(call.path["webhook_id"], call.actor.by))

    def _test(self, call: Call[Body]) -> WebhookAnswer:
        return WebhookAnswer.of(self.subscribing.test(call.path["webhook_id"], call.actor.by))

    def _deliveries(self, call: Call[PageQuery]) -> DeliveriesAnswer:
        found = self.subscribing.deliveries(call.path["webhook_id"], place(call.given.after), call.given.most)
        return DeliveriesAnswer(found=[DeliveryAnswer.of(each) for each in found.found], next=place_text(found.next))

    def _resend(self, call: Call[Body]) -> DeliveryAnswer:
        path = call.path
        again = self.subscribing.resend(path["webhook_id"], path["delivery_id"], call.actor.by)
        return DeliveryAnswer.of(Told(again, ()))
