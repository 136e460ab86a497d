"""Which page and which button needs which right. What is not named here, nobody gets."""

from collections.abc import Mapping
from types import MappingProxyType

from keys.errors import NotAllowedError
from licence_server.domain.rights import Actor, Right, check_right
from licence_server.web.console.language import marked

PUBLIC = frozenset({
    "static", "preferences", "nowhere", "sign_in", "begin", "set_password", "new_password",
    "second_factor", "enrol", "code", "complete", "sign_out",
    "passkey", "enter_by_passkey", "code_passkey", "complete_by_passkey", "sso", "sso_back",
})  # fmt: skip
"""Endpoints for whoever has not signed in."""

NEEDS: Mapping[str, Right | None] = MappingProxyType({
    "desk": None,
    "pile": "licences.read",
    "customers": "customers.read",
    "customer": "customers.read",
    "new_customer": "customers.write",
    "add_customer": "customers.write",
    "change_customer": "customers.write",
    "put_customer": "customers.write",
    "representative": "customers.write",
    "appoint": "customers.write",
    "plans": "licences.read",
    "new_plan": "plans.write",
    "add_plan": "plans.write",
    "change_plan": "plans.write",
    "put_plan": "plans.write",
    "retire_plan": "plans.write",
    "licences": "licences.read",
    "licence": "licences.read",
    "live": "licences.read",
    "certificate": "licences.read",
    "new_licence": "licences.issue",
    "issue": "licences.issue",
    "new_code": "licences.code",
    "rehost": "licences.rehost",
    "suspend": "licences.suspend",
    "resume": "licences.resume",
    "revoke": "licences.revoke",
    "renew": "licences.change",
    "seats": "licences.change",
    "networks": "licences.change",
    "renewals": "licences.read",
    "chosen": "licences.change",
    "extend": "licences.change",
    "confirm": "licences.confirm",
    "acknowledge": "licences.confirm",
    "export_customers": "customers.read",
    "export_licences": "licences.read",
    "imports": "imports.write",
    "check_import": "imports.write",
    "one_import": "imports.write",
    "import_progress": "imports.write",
    "import_faults": "imports.write",
    "confirm_import": "imports.write",
    "cancel_import": "imports.write",
    "import_codes": "imports.write",
    "exchange": "licences.exchange",
    "answer_request": "licences.exchange",
    "packages": "licences.code",
    "package": "licences.code",
    "outages": "licences.read",
    "outage_file": "licences.read",
    "outage_codes": "licences.read",
    "declare_outage": "outages.declare",
    "approvals": "licences.read",
    "grant": "approvals.decide",
    "refuse": "approvals.decide",
    "audit": "audit.read",
    "audit_file": "audit.read",
    "verify": "audit.read",
    "operators": "operators.read",
    "add_operator": "operators.write",
    "change_role": "operators.write",
    "disable": "operators.write",
    "enable": "operators.write",
    "reset": "operators.write",
    "webhooks": "webhooks.write",
    "webhook": "webhooks.write",
    "add_webhook": "webhooks.write",
    "remove_webhook": "webhooks.write",
    "rotate_webhook": "webhooks.write",
    "enable_webhook": "webhooks.write",
    "test_webhook": "webhooks.write",
    "resend": "webhooks.write",
    "account": None,
    "end_session": None,
    "end_others": None,
    "change_password": None,
    "new_recovery_codes": None,
    "drop_second_factor": None,
    "propose_passkey": None,
    "add_passkey": None,
    "remove_passkey": None,
    "choose_language": None,
    "lend_token": None,
    "revoke_token": None,
})  # fmt: skip
"""Endpoints for whoever has; None: whatever the role."""

NAVIGATION = (
    ("desk", marked("Desk")),
    ("customers", marked("Customers")),
    ("licences", marked("Licences")),
    ("renewals", marked("Renewals")),
    ("plans", marked("Plans")),
    ("imports", marked("Import")),
    ("exchange", marked("Exchange")),
    ("packages", marked("Packages")),
    ("outages", marked("Outages")),
    ("approvals", marked("Approvals")),
    ("audit", marked("Audit")),
    ("operators", marked("Operators")),
    ("webhooks", marked("Webhooks")),
    ("account", marked("My account")),
)
"""Endpoints at the head of every page, with their names."""


def check_access(endpoint: str, actor: Actor) -> None:
    """Refuse what somebody's role does not allow. Raises NotAllowedError."""
    if endpoint not in NEEDS:
        raise NotAllowedError(marked("Nobody may open this page."))
    right = NEEDS[endpoint]
    if right is not None:
        check_right(actor, right)


def is_open(endpoint: str, actor: Actor) -> bool:
    """Tell whether somebody may open a page or press a button, so that nobody is shown what would be refused."""
    right = NEEDS[endpoint]
    return right is None or right in actor.rights
