"""Words of the wire and the record as people say them; a template translates them where they are shown."""

from types import MappingProxyType

from licence_server.web.console.language import gettext, marked

STATES = MappingProxyType({
    "issued": marked("issued"),
    "active": marked("active"),
    "suspended": marked("suspended"),
    "revoked": marked("revoked"),
    "expired": marked("expired"),
    "recovered": marked("recovered"),
})  # fmt: skip

STATUSES = MappingProxyType({
    **STATES,
    "superseded": marked("moved to another server"),
    "deactivated": marked("given back"),
    "refused": marked("refused"),
})  # fmt: skip
"""Of a signed document."""

ERRANDS = MappingProxyType({
    "activation": marked("to activate"),
    "validation": marked("to validate"),
    "deactivation": marked("to give back"),
})  # fmt: skip

MEANINGS = MappingProxyType({
    "issued": marked("It waits for a server to activate it with its code."),
    "active": marked("It is in force on one server."),
    "suspended": marked("Its server lets only the administrator in. All data there is untouched."),
    "revoked": marked("It has ended for good; nothing brings it back."),
    "expired": marked("Its term and the days of grace after it are over. Renewing it puts it in force again."),
    "recovered": marked(
        "A server brought it back after we lost the database. Compare it with the order, then confirm it."
    ),
})  # fmt: skip

REASONS = MappingProxyType({
    "payment_overdue": marked("payment overdue"),
    "customer_request": marked("the customer asked for it"),
    "contract_ended": marked("the contract ended"),
    "misuse": marked("misuse"),
    "mistake": marked("our mistake"),
    "clone_suspected": marked("a copy of the server is suspected"),
})  # fmt: skip
"""Why a licence was stopped, or goes on."""

ROLES = MappingProxyType({
    "viewer": marked("viewer"),
    "sales": marked("sales"),
    "support": marked("support"),
    "manager": marked("manager"),
    "administrator": marked("administrator"),
    "auditor": marked("auditor"),
})  # fmt: skip

PILES = MappingProxyType({
    "clones": marked("A copy of the server is suspected"),
    "restores": marked("Servers that went back to an earlier state"),
    "recovered": marked("Brought back by their servers, to be confirmed"),
    "silent": marked("Servers that are silent"),
    "refused": marked("People found no free seat"),
    "overdraft": marked("More people were in than bought"),
    "ending": marked("Licences about to end"),
})  # fmt: skip
"""Why licences need somebody."""

ADVICE = MappingProxyType({
    "clones": marked(
        "Call the customer. If two servers run on one licence, move it to the right one or revoke it; if not, resume "
        "it, or note why all is well."
    ),
    "restores": marked(
        "Somebody brought back a backup or a snapshot there. Ask whether it was the customer, and note why all is well."
    ),
    "recovered": marked("We had lost them with the database. Compare each with its order, then confirm it."),
    "silent": marked("Ask the customer whether the server is off or kept from us, before its grace is over."),
    "refused": marked("All seats were taken when they came, in the last 7 days. Offer the customer more."),
    "overdraft": marked("They are within their overdraft, which ends. Offer the customer more users."),
    "ending": marked("They end within 30 days, or ended and go on in grace. Agree on the next end, and renew them."),
})  # fmt: skip
"""What to do about it."""

THINGS = MappingProxyType({
    "licence": marked("licences"),
    "customer": marked("customers"),
    "operator": marked("operators"),
    "plan": marked("plans"),
    "token": marked("API tokens"),
    "webhook": marked("webhooks"),
    "import": marked("imports"),
    "server": marked("the server itself"),
})  # fmt: skip
"""What an entry of the record is about."""

FATES = MappingProxyType({
    "validated": marked("validated"),
    "both": marked("validated, and something refused"),
    "refused": marked("refused as another machine"),
    "missed": marked("not heard of"),
    "not_due": marked("no validation due"),
    "today": marked("today, not heard of yet"),
    "apart": marked("on no server"),
})  # fmt: skip
"""What became of a day."""

COMPONENTS = MappingProxyType({
    "tpm_ek": marked("security chip (TPM)"),
    "product_uuid": marked("number of the machine"),
    "machine_id": marked("number of the system"),
    "board_serial": marked("main board"),
    "disk_serial": marked("disk"),
    "mac": marked("network card"),
    "cpu": marked("processor"),
})  # fmt: skip
"""What a server is recognised by."""

KEY_PLACES = MappingProxyType({
    "file": marked("in a file, which a copy of the disk takes along"),
    "tpm": marked("in its security chip (TPM), as it says itself: no copy takes it along"),
    "vtpm": marked("in a virtual machine's TPM, as it says itself: weaker, as whoever clones the machine may clone it"),
})  # fmt: skip
"""Where a server's device key lives."""

TOLD = MappingProxyType({
    "outside_network": marked("people came from outside the networks"),
    "clock_behind": marked("the server's clock was behind"),
})  # fmt: skip
"""What agents tell of."""

DEEDS = MappingProxyType({
    "issue": marked("Issue a large licence"),
    "seats": marked("More users than anybody agreed to"),
    "rehost": marked("One more move to another server"),
    "revoke": marked("Revoke a licence"),
    "outage": marked("Declare an outage"),
})  # fmt: skip
"""What needs a second person."""

IMPORT_STATES = MappingProxyType({
    "checked": marked("checked, waits for a yes"),
    "running": marked("running"),
    "done": marked("done"),
    "cancelled": marked("cancelled"),
    "failed": marked("stopped"),
})  # fmt: skip

IMPORTED = MappingProxyType({"customers": marked("Customers"), "licences": marked("Licences")})
"""What the rows of a file are."""

COLUMNS = MappingProxyType({
    "name": marked("Name"),
    "kind": marked("Kind"),
    "national_id": marked("National id"),
    "email": marked("E-mail"),
    "mobile": marked("Mobile"),
    "phone": marked("Phone"),
    "address": marked("Address"),
    "representative": marked("Representative"),
    "language": marked("Language of notices"),
    "by_email": marked("Notices by e-mail"),
    "by_sms": marked("Notices by SMS"),
    "note": marked("Note"),
    "customer": marked("Customer"),
    "plan": marked("Plan"),
    "users": marked("Users"),
    "clients": marked("Computers"),
    "model": marked("Users are counted"),
    "edition": marked("Edition"),
    "features": marked("Features"),
    "site": marked("Site"),
    "networks": marked("Networks of the site"),
    "ends": marked("Ends"),
})  # fmt: skip
"""Of files to import."""

WEBHOOK_STATES = MappingProxyType({
    "on": marked("on"),
    "failing": marked("It fails, and is tried again by itself."),
    "off_gone": marked("Switched off: the receiver said that it wants nothing any more (410)."),
    "off_failing": marked("Switched off: it failed for five days."),
})  # fmt: skip

DELIVERIES = MappingProxyType({
    "waiting": marked("under way"),
    "delivered": marked("delivered"),
    "given_up": marked("given up"),
})  # fmt: skip
"""What has become of a message to a webhook."""

FAULTS = MappingProxyType({
    "unresolved": marked("the name has no address"),
    "forbidden": marked("its address may not be called"),
    "unreachable": marked("nobody listens there"),
    "tls": marked("its certificate is not right"),
    "silence": marked("it did not answer in time"),
    "broken": marked("its answer was no HTTP, or broke off"),
})  # fmt: skip
"""Why an attempt has no status."""

APPROVAL_STATES = MappingProxyType({
    "waiting": marked("Waiting for a second person"),
    "granted": marked("Allowed, and not done yet"),
    "refused": marked("Refused"),
    "used": marked("Allowed and done"),
    "lapsed": marked("Lapsed after a week"),
})  # fmt: skip
"""What became of something that needs a second person."""

KINDS = MappingProxyType({"legal": marked("company"), "natural": marked("person")})

SAID = MappingProxyType({
    "saved": marked("Saved."),
    "declared": marked("Declared. Its file is in the list, for all customers."),
    "registered": marked("The customer is registered."),
    "suspended": marked("Suspended. Its server follows at its next validation."),
    "resumed": marked("Resumed. Its server follows at its next validation."),
    "revoked": marked("Revoked for good."),
    "renewed": marked("Renewed. Its server follows at its next validation."),
    "resized": marked("The seats are changed. Its server follows at its next validation."),
    "relocated": marked("The networks are changed. Its server follows at its next validation."),
    "confirmed": marked("Confirmed."),
    "acknowledged": marked("Noted. It left the desk."),
    "ended": marked("Signed out there."),
    "checked": marked("The file is checked. Nothing is imported yet."),
    "importing": marked("The import is running. It goes on by itself, also if you close this page."),
    "cancelled": marked("Cancelled. Nothing was imported."),
    "granted": marked("Allowed. Whoever asked for it can do it now, once."),
    "refused": marked("Refused. Whoever asked for it sees why in the record."),
    "removed": marked("Removed. Nothing is sent there any more."),
    "enabled": marked("Switched on. What happened meanwhile was not sent."),
    "pinged": marked("A ping is under way; load the page again to see what came of it."),
    "resent": marked("It is sent again, under the same id."),
})  # fmt: skip
"""What a page says once after a form was sent."""


def word(words: MappingProxyType[str, str], code: str) -> str:
    """Return what people say for a word, or the word itself."""
    return gettext(words[code]) if code in words else code
