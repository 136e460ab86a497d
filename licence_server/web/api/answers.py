"""What the operators' API shows of customers, approvals and the record."""

from typing import Any, Literal

from licence_server.domain.approval import Approval, ApprovalState, Deed
from licence_server.domain.audit import Entry
from licence_server.domain.customer import Customer
from licence_server.web.api.endpoint import Answer
from licence_server.web.api.licence_answers import ViewAnswer


class CustomerAnswer(Answer):
    """A customer; another ``version`` after every change."""

    id: str
    version: str
    name: str
    kind: Literal["legal", "natural"]
    national_id: str
    email: str
    mobile: str
    phone: str
    address: str
    representative: str
    language: Literal["fa", "en"]
    by_email: bool
    by_sms: bool
    note: str
    created_at: int

    @classmethod
    def of(cls, customer: Customer) -> "CustomerAnswer":
        """Show a customer."""
        found = {name: getattr(customer, name) for name in cls.model_fields if name != "representative"}
        spokesman = customer.in_force
        return cls(**found, representative="" if spokesman is None else spokesman.name)


class CustomersAnswer(Answer):
    """A page of customers, newest first; ``next`` is the ``after`` of the following one."""

    found: list[CustomerAnswer]
    next: str | None


class FoundAnswer(Answer):
    """A page of what has a text in it, newest first."""

    customers: list[CustomerAnswer]
    licences: list[ViewAnswer]
    next: str | None


class ApprovalAnswer(Answer):
    """Something that one person asked for, and what another said to it."""

    id: str
    state: ApprovalState
    deed: Deed
    subject: str
    terms: dict[str, Any]
    asked_by: str
    asked_at: int
    decided_by: str | None
    decided_at: int | None
    reason: str
    used_at: int | None

    @classmethod
    def of(cls, approval: Approval, now: int) -> "ApprovalAnswer":
        """Show an approval."""
        found = {name: getattr(approval, name) for name in cls.model_fields if name not in ("state", "terms")}
        return cls(**found, state=approval.state_at(now), terms=dict(approval.terms))


class ApprovalsAnswer(Answer):
    """A page of approvals, newest first; ``next`` is the ``after`` of the following one."""

    found: list[ApprovalAnswer]
    next: str | None


class EntryAnswer(Answer):
    """An entry of the audit record; ``details`` is JSON as it was written."""

    seq: int
    at: int
    actor: str
    event: str
    subject: str
    details: str

    @classmethod
    def of(cls, entry: Entry) -> "EntryAnswer":
        """Show an entry."""
        return cls(**{name: getattr(entry, name) for name in cls.model_fields})


class EntriesAnswer(Answer):
    """A part of the audit record, oldest first; ``next`` is the ``after`` of the following one."""

    found: list[EntryAnswer]
    next: int | None


class ProofAnswer(Answer):
    """Whether the whole audit record is as it was written; ``problem`` is the first place where it is not."""

    events: int
    checkpoints: int
    valid: bool
    problem: str | None
