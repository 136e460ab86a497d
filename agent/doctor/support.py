"""What the vendor's support needs to see of a site, in one file: only what is on the lists here goes into it.

No key, token, code, raw component, password, or name of a customer or a user does.
"""

import io
import json
import platform
import re
import sys
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from agent.doctor.service import UNIT
from agent.doctor.subject import Subject
from agent.hardware.machine import agent_version
from keys.checkup import Finding

SETTINGS = (
    "version",
    "server",
    "host",
    "port",
    "unix_socket",
    "ttl",
    "idle",
    "trusted_proxies",
    "tls_host",
    "tls_port",
)
"""Of ``agent.toml``: what names nobody."""
STATUS = (
    "mode",
    "status",
    "reason",
    "until_at",
    "days_left",
    "stretched_at",
    "now",
    "licence",
    "activation",
    "seats",
    "features",
    "networks",
    "network_policy",
    "issued_at",
    "expires_at",
    "refresh_at",
    "ends_at",
    "seq",
    "last_validation",
)
LOG = ("at", "level", "event", "mode", "status", "reason", "word", "check", "said", "do", "detail", "kind", "places")
"""Of a line of the daemon's log."""
LIBRARIES = ("click", "cryptography", "httptools", "joserfc", "psutil", "requests", "urllib3", "uvicorn")
LINES = 500
"""Of the log's end."""
_SECRET = re.compile(
    r"(?<=//)[^\"\n]*(?=@)"
    r"|\b(?:[0-9A-Z]{5}[-\s\u2010-\u2015]?){4}[0-9A-Z]{5}\b"
    r"|\b[A-Za-z0-9_-]{40,}\b",
    re.ASCII | re.IGNORECASE,
)
"""Passwords in addresses, however badly written; activation codes, however typed; whatever is as long as a token."""
_README = """What is in this file, for the support of the licence's vendor:

findings.json  what licence-agent doctor found
status.json    what the licence allows now, without the customer's name
settings.json  agent.toml without names of users
versions.json  programs and libraries
files.json     names, sizes, modes and owners of the agent's files, not what is in them
log.jsonl      the end of the service's log

No key, token, activation code, password, raw component of this machine or name of a user is in it. Look into it
before you send it.

این فایل برای پشتیبانی فروشندهٔ پروانه است و این‌ها در آن است:

findings.json  آنچه licence-agent doctor یافت
status.json    آنچه پروانه اکنون اجازه می‌دهد، بدون نام مشتری
settings.json  فایل agent.toml بدون نام کاربران
versions.json  برنامه‌ها و کتابخانه‌ها
files.json     نام، اندازه، دسترسی‌ها و مالک فایل‌های عامل، نه محتوای آن‌ها
log.jsonl      پایان گزارش سرویس

هیچ کلید، توکن، کد فعال‌سازی، گذرواژه، شمارهٔ خام قطعه‌های این دستگاه یا نام کاربری در آن نیست. پیش از فرستادن
نگاهی به آن بیندازید.
"""


def bundle(subject: Subject, findings: Iterable[Finding], status: Mapping[str, object]) -> bytes:
    """Return the file, a ZIP; ``status`` is what ``status --json`` prints."""
    settings = asdict(subject.agent.config.settings)
    parts = {
        "README.txt": _README,
        "findings.json": _as_json([asdict(finding) for finding in findings]),
        "status.json": _as_json({name: status.get(name) for name in STATUS}),
        "settings.json": _as_json({name: settings[name] for name in SETTINGS}),
        "versions.json": _as_json(_versions(subject)),
        "files.json": _as_json(_files(subject.agent.home.folder)),
        "log.jsonl": "".join(f"{line}\n" for line in _log(subject)),
    }
    moment = datetime.fromtimestamp(subject.agent.around.clock.now(), UTC).timetuple()[:6]
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            entry = zipfile.ZipInfo(f"licence-agent-support/{name}", (max(1980, moment[0]), *moment[1:]))
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            archive.writestr(entry, _SECRET.sub("(left out)", text))
    return written.getvalue()


def _as_json(value: object) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False, default=str) + "\n"


def _versions(subject: Subject) -> Mapping[str, object]:
    release = dict(line.partition("=")[::2] for line in subject.system.text("etc/os-release").splitlines())
    return {
        "agent": agent_version(),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "distribution": release.get("PRETTY_NAME", "").strip('"'),
        "virtualisation": subject.agent.machine.virtualisation,
        "frozen": bool(getattr(sys, "frozen", False)),
        "libraries": {name: _version(name) for name in LIBRARIES},
    }


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _files(home: Path) -> Sequence[Mapping[str, object]]:
    """List the home; a device key's name is its public thumbprint, an application's token bears the application's."""
    found = []
    for path in sorted(home.rglob("*")):
        facts = path.lstat()
        entry = {"size": facts.st_size, "mode": f"{facts.st_mode:o}", "owner": facts.st_uid, "group": facts.st_gid}
        found.append({"name": str(path.relative_to(home)), **entry})
    return found


def _log(subject: Subject) -> Iterable[str]:
    """Yield the lines that are ours, each with what is on the list."""
    words = ("journalctl", "--unit", UNIT, "--lines", str(LINES), "--output", "cat", "--no-pager")
    for line in subject.system.ask(*words).splitlines()[-LINES:]:
        try:
            said = json.loads(line)
        except ValueError:
            continue
        if isinstance(said, dict):
            yield json.dumps({name: said[name] for name in LOG if name in said}, ensure_ascii=False)
