"""How install and uninstall come to this server."""

import os
import sys
from pathlib import Path

from agent.cli.activate import believe_on_first_use
from agent.cli.certificate import as_text
from agent.daemon.site import Site, Typed, site_of
from agent.store.vendors import Vendor
from keys.clock import SystemClock


def open_site(
    prefix: Path,
    source: Path | None = None,
    vendor: Vendor | None = None,
    terms_version: str | None = None,
    port: int | None = None,
    *,
    crm_users: tuple[str, ...] = (),
) -> Site:
    """Return this server, or the image under ``prefix``; see site_of. Raises LicensingError."""
    typed = Typed(
        os.environ,
        SystemClock(),
        os.urandom,
        Path(sys.argv[0]).resolve(),
        believe_on_first_use,
        as_text,
        vendor or Vendor(),
        terms_version,
        port,
        tuple(dict.fromkeys(crm_users)),
    )
    return site_of(prefix.absolute(), typed, source)
