"""Check: who vouches for the server's certificate, and whether something on the way opens TLS."""

from agent.doctor.situations import Situation, Situations, found
from agent.doctor.subject import Subject
from agent.doctor.way import Certificate
from keys.checkup import Finding
from keys.sentences import marked, phrase

INSPECTORS = {
    "fortinet": "Fortinet", "fortigate": "Fortinet", "zscaler": "Zscaler", "palo alto": "Palo Alto Networks",
    "blue coat": "Blue Coat", "bluecoat": "Blue Coat", "sophos": "Sophos", "cyberoam": "Sophos", "astaro": "Sophos",
    "kaspersky": "Kaspersky", "eset": "ESET", "avast": "Avast", "bitdefender": "Bitdefender",
    "check point": "Check Point", "checkpoint": "Check Point", "netskope": "Netskope", "umbrella": "Cisco Umbrella",
    "mcafee": "McAfee", "skyhigh": "Skyhigh", "watchguard": "WatchGuard", "untangle": "Untangle",
    "barracuda": "Barracuda", "forcepoint": "Forcepoint", "websense": "Forcepoint", "trend micro": "Trend Micro",
    "mitmproxy": "mitmproxy", "kerio": "Kerio", "squid": "Squid", "pfsense": "pfSense", "opnsense": "OPNsense",
    "smoothwall": "Smoothwall", "portswigger": "Burp", "charles proxy": "Charles", "fiddler": "Fiddler",
    "sangfor": "Sangfor", "hillstone": "Hillstone", "mikrotik": "MikroTik",
}  # fmt: skip
"""Words in the names of authorities to whose product opens TLS with them."""
EXPIRED, EARLY, OTHER_NAMES = 10, 9, frozenset({62, 64})
STRANGERS = frozenset({18, 19, 20, 21})
"""OpenSSL's numbers (x509_vfy.h): over, not begun, another host or address, nobody known vouches for it."""
DAY = 86_400


SITUATIONS: Situations = {
    "tls-good": Situation(
        "ok", marked("{issuer} vouches for {host}, and is known everywhere: nothing opens TLS on the way.")
    ),
    "tls-none": Situation(
        "warning",
        marked("The address begins with http://: nothing is encrypted."),
        marked("Anybody on the way reads the activation code. For a server on this machine, or tests, that is fine."),
        marked("Use the vendor's https:// address."),
    ),
    "tls-opened": Situation(
        "warning",
        marked("{issuer} vouches for {host}; it is no public authority, but {file} says to trust it.{product}"),
        marked("Something on the way opens TLS, or the vendor certifies its own server. {reads_along}"),
        marked("Nothing has to be done. If nobody here knows of it, ask the network's administrator."),
    ),
    "tls-stored": Situation(
        "failed",
        marked(
            "{issuer} vouches for {host}: an intercepting proxy's authority that this machine's store trusts.{product}"
        ),
        marked("The agent does not look into that store, so it sends nothing. {reads_along}"),
        marked(
            "Have {host} exempted from inspection; or trust the store's authorities: export "
            "REQUESTS_CA_BUNDLE={file}; {again}"
        ),
    ),
    "tls-intercepted": Situation(
        "failed",
        marked("{issuer} vouches for {host}, and nobody here trusts it: something on the way opens TLS.{product}"),
        marked(
            "An intercepting proxy shows its own certificate in the server's name, or the vendor certifies "
            "itself. Nothing was sent."
        ),
        marked(
            "Have {host} exempted from inspection; or get the proxy's authority as a file, and: export "
            "REQUESTS_CA_BUNDLE={file}; {again}"
        ),
    ),
    "tls-expired": Situation(
        "failed",
        marked("The certificate of {host} ended {days} days ago."),
        marked("This server's clock is right, as far as the other side's tells. Nothing was sent."),
        marked("Call the vendor, who has to renew it; without a network: licence-agent request CODE -o FILE"),
    ),
    "tls-early": Situation(
        "failed",
        marked("The certificate of {host} begins only in {days} days."),
        marked("This server's clock is right, as far as the other side's tells. Nothing was sent."),
        marked("Call the vendor."),
    ),
    "tls-clock": Situation(
        "failed",
        marked("The certificate of {host} can't be judged, since this server's clock is wrong."),
        marked("Nothing was sent."),
        marked("Set the clock first: timedatectl set-ntp true"),
    ),
    "tls-name": Situation(
        "failed",
        marked("What answers as {host} shows a certificate for {names}."),
        marked("It is another server: the address is mistyped, or DNS or a portal leads elsewhere. Nothing was sent."),
        marked("Compare the address with the one that the vendor gave; try: getent hosts {host}"),
    ),
    "tls-flawed": Situation(
        "failed",
        marked("The certificate of {host}, by {issuer}, proves nothing ({fact})."),
        marked("Nothing was sent."),
        marked("Call the vendor, and the network's administrator if something here opens TLS."),
    ),
    "tls-broken": Situation(
        "failed",
        marked("What answers at {target} does not speak TLS as it should ({fact})."),
        marked("It is no licence server, or something on the way cuts TLS. Nothing was sent."),
        marked("Compare the address and the port with those that the vendor gave."),
    ),
    "tls-untried": Situation("warning", marked("Not tried: no connection comes about.")),
}


def tls(subject: Subject) -> Finding:
    """Check the certificate that is shown in the licence server's name."""
    way = subject.way
    said = {"host": way.host, "target": f"{way.host}:{way.port}"}
    if not way.is_tls:
        return found("tls", "tls-none", SITUATIONS)
    if way.certificate is None:
        word = "tls-broken" if way.end == "tls" else "tls-untried"
        return found("tls", word, SITUATIONS, fact=way.fact, **said)
    certificate = way.certificate
    facts = {
        **said,
        "issuer": f'"{certificate.shown.issuer}"',
        "names": ", ".join(certificate.shown.names[:5]) or phrase("nobody"),
        "product": product_of(certificate.shown.issuer),
        "fact": certificate.said,
    }
    if not certificate.code:
        word = "tls-good" if certificate.public else "tls-opened"
        return found("tls", word, SITUATIONS, file=subject.network.bundle, **facts)
    word, days = _flaw(subject, certificate)
    file = subject.network.store if word == "tls-stored" else "FILE"
    return found("tls", word, SITUATIONS, file=file, days=days, **facts)


def product_of(issuer: str) -> str:
    """Say whose product opens TLS under such a name; empty: none that is known."""
    name = issuer.casefold()
    product = next((product for word, product in INSPECTORS.items() if word in name), "")
    return phrase(" That is {product}, which opens TLS.", product=product) if product else ""


def _flaw(subject: Subject, certificate: Certificate) -> tuple[str, int]:
    """Return the situation, and the days that it is about."""
    shown, now = certificate.shown, subject.agent.around.clock.now()
    theirs = subject.way.answer.date if subject.way.answer is not None else None
    is_clock = theirs is not None and shown.from_at <= theirs <= shown.until_at
    if certificate.code == EXPIRED:
        return ("tls-clock" if is_clock else "tls-expired"), (now - shown.until_at) // DAY
    if certificate.code == EARLY:
        return ("tls-clock" if is_clock else "tls-early"), (shown.from_at - now) // DAY
    if certificate.code in OTHER_NAMES:
        return "tls-name", 0
    if certificate.in_store:
        return "tls-stored", 0
    return ("tls-intercepted" if certificate.code in STRANGERS else "tls-flawed"), 0
