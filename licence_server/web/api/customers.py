"""Customers over HTTP: parse, call one use case, show."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated, Literal

from pydantic import Field

from keys.errors import ChangedMeanwhileError, InvalidInputError, NotFoundError, StateConflictError
from licence_server.domain.customer import Changes, Customer, NewCustomer
from licence_server.domain.paging import MOST, Place
from licence_server.domain.representative import NewRepresentative
from licence_server.services.finding import Finding
from licence_server.services.reading import Reading
from licence_server.services.registering import Registering
from licence_server.web.api.answers import CustomerAnswer, CustomersAnswer, FoundAnswer
from licence_server.web.api.endpoint import Body, Call, Endpoint, Query
from licence_server.web.api.licence_answers import ViewAnswer

Kind = Literal["legal", "natural"]
Language = Literal["fa", "en"]


class CustomerBody(Body):
    """A customer to be registered."""

    name: str
    national_id: str = ""
    email: str = ""
    mobile: str = ""
    representative: str = ""
    kind: Kind | None = None
    phone: str = ""
    address: str = ""
    language: Language = "fa"
    by_email: bool = True
    by_sms: bool = True
    note: str = ""


class ChangesBody(Body):
    """What changes of a customer; what is left out stays."""

    name: str | None = None
    national_id: str | None = None
    email: str | None = None
    mobile: str | None = None
    kind: Kind | None = None
    phone: str | None = None
    address: str | None = None
    language: Language | None = None
    by_email: bool | None = None
    by_sms: bool | None = None
    note: str | None = None


class RepresentativeBody(Body):
    """The one person with full authority (T11)."""

    name: str
    national_id: str = ""
    mobile: str = ""
    email: str = ""


class PageQuery(Query):
    """Which part of a list."""

    after: str | None = None
    most: Annotated[int, Field(ge=1, le=MOST)] = 100


class FindQuery(PageQuery):
    """What to look for: any part of a name, a number, an id, however it is written."""

    text: str


def endpoints(registering: Registering, reading: Reading, finding: Finding) -> Sequence[Endpoint]:
    """Return what can be done with customers."""

    def page(call: Call[PageQuery]) -> CustomersAnswer:
        found = reading.customers(place(call.given.after), call.given.most)
        return CustomersAnswer(found=[CustomerAnswer.of(each) for each in found.found], next=place_text(found.next))

    def find(call: Call[FindQuery]) -> FoundAnswer:
        found = finding.find(call.given.text, place(call.given.after), call.given.most)
        customers = [CustomerAnswer.of(each) for each in found.found if isinstance(each, Customer)]
        licences = [ViewAnswer.viewed(each) for each in found.found if not isinstance(each, Customer)]
        return FoundAnswer(customers=customers, licences=licences, next=place_text(found.next))

    def add(call: Call[CustomerBody]) -> CustomerAnswer:
        return CustomerAnswer.of(registering.add(NewCustomer(**call.given.model_dump()), call.actor.by))

    def show(call: Call[Query]) -> CustomerAnswer:
        return CustomerAnswer.of(registering.one(call.path["customer_id"]))

    def change(call: Call[ChangesBody]) -> CustomerAnswer:
        changes = Changes(**call.given.model_dump(exclude_none=True))  # type: ignore[typeddict-item]
        return CustomerAnswer.of(registering.change(call.path["customer_id"], changes, call.actor.by, call.versions))

    def appoint(call: Call[RepresentativeBody]) -> CustomerAnswer:
        person = NewRepresentative(**call.given.model_dump())
        return CustomerAnswer.of(registering.appoint(call.path["customer_id"], person, call.actor.by, call.versions))

    one, wrong = "/customers/<customer_id>", InvalidInputError
    return (
        Endpoint(method="GET", path="/customers", name="listCustomers", summary="A page of all customers",
                 right="customers.read", given=PageQuery, answer=CustomersAnswer, refusals=(wrong,), work=page),
        Endpoint(method="POST", path="/customers", name="addCustomer", summary="Register a customer",
                 right="customers.write", given=CustomerBody, answer=CustomerAnswer, status=HTTPStatus.CREATED,
                 refusals=(wrong, StateConflictError), work=add),
        Endpoint(method="GET", path="/find", name="find", summary="Customers and licences that have a text in them",
                 right="customers.read", given=FindQuery, answer=FoundAnswer, refusals=(wrong,), work=find),
        Endpoint(method="GET", path=one, name="showCustomer", summary="A customer", right="customers.read",
                 answer=CustomerAnswer, refusals=(NotFoundError,), work=show),
        Endpoint(method="PATCH", path=one, name="changeCustomer", summary="Correct what is known of a customer",
                 right="customers.write", given=ChangesBody, answer=CustomerAnswer,
                 refusals=(wrong, NotFoundError, StateConflictError, ChangedMeanwhileError), work=change),
        Endpoint(method="POST", path=f"{one}/representative", name="appointRepresentative",
                 summary="Name the one representative", right="customers.write", given=RepresentativeBody,
                 answer=CustomerAnswer, refusals=(wrong, NotFoundError, ChangedMeanwhileError), work=appoint),
    )  # fmt: skip


def place(text: str | None) -> Place | None:
    """Read where a page begins. Raises InvalidInputError."""
    return None if text is None else Place.read(text)


def place_text(found: Place | None) -> str | None:
    """Show where the following page begins."""
    return None if found is None else str(found)
