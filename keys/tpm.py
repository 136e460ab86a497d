"""Keys in a TPM 2.0, by the programs of tpm2-tools: made in it, used in it, and never to be read out of it.

A key is a child of the owner's primary key, which the TPM makes anew from a seed of its own whenever it is asked. So
nothing is stored in the TPM, and what it gives us to keep is of use to this TPM alone (TPM 2.0 Library, part 1,
sections 14, 22 and 27).
"""

import hashlib
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import cast

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from keys.errors import KeyUnsafeError
from keys.sentences import Sentence, marked, of, phrase, together
from keys.signing import PublicKey

DEVICE = "device:/dev/tpmrm0"
"""The kernel's resource manager, which keeps those who use the TPM apart."""
PROGRAMS = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""Where tpm2-tools may be, whatever the environment says."""
_ATTRIBUTES = "fixedtpm|fixedparent|sensitivedataorigin|userwithauth|noda|sign"
"""Made in this TPM from its own randomness, never to leave it or its parent; it signs, and decrypts nothing."""
_PARENT = "restricted|decrypt|fixedtpm|fixedparent|sensitivedataorigin|userwithauth|noda"
"""As the standard's storage key, and ``noda``: it has no password, so wrong ones for other keys must not lock it."""
_MAKE_PARENT = ("createprimary", "-C", "o", "-G", "ecc", "-c", "parent.ctx", "-a", _PARENT)
_PATIENCE = 30
"""Seconds that one program may take: a TPM does one thing at a time, and an RSA key for somebody else takes it long."""
_COORDINATE = 32
_FOREIGN, _CLOSED, _OWNED = "integrity check failed", "Permission denied", "(0x9A2)"
"""What a TPM says of a key that is not its own (TPM_RC_INTEGRITY), the kernel of a user who may not use it, and a TPM
of a password that is not right (TPM_RC_BAD_AUTH, for the first authorisation)."""
REHOST = phrase(
    "Ask the vendor for a code to move the licence (rehost), and do: licence-agent activate CODE --server URL --replace"
)


_LIVES = phrase("The device key lives in a TPM.")
_MOVED = phrase("Start the machine with its TPM switched on; or, if the agent was moved to another machine:")
_LOST = phrase("The device key is of another TPM, or this one was cleared: it can't be had again.")
_LONGEST = 300
"""Characters of a complaint that are shown."""


OBSTACLES: Mapping[str, tuple[str, str]] = MappingProxyType({
    "none": (marked("There is no TPM 2.0 ({place})."), ""),
    "unmanaged": (
        marked("There is a TPM, but not {place}: it is a TPM 1.2, or the kernel is older than 4.12."),
        marked("Choose TPM 2.0 in the firmware, if it offers that, or take a newer kernel."),
    ),
    "toolless": (
        marked("There may be a TPM 2.0, but nothing to use it with."),
        marked("Install the package tpm2-tools."),
    ),
    "closed": (
        marked("The agent's user may not use the TPM."),
        marked("Put it into the group that owns /dev/tpmrm0 (Debian: tss), and start the agent again."),
    ),
    "owned": (
        marked("The TPM has an owner: without a password it makes and opens no keys, and the agent has none."),
        marked("Ask whoever set it, and take it away: tpm2_changeauth -c owner -p PASSWORD"),
    ),
    "failing": (marked("The TPM does not do what it should. {complaint}"), marked("Try by hand: tpm2_getrandom 8")),
})  # fmt: skip
"""Why no key can be made in a TPM, and what to do about it: templates, by a word for scripts."""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why no key can be made in a TPM."""

    word: str
    said: Sentence
    do: Sentence

    @classmethod
    def of(cls, word: str, templates: tuple[str, str], **facts: object) -> "Obstacle":
        """Name one by its word, with what is to be filled in."""
        said, do = (phrase(text, **facts) if text else Sentence("") for text in templates)
        return cls(word, said, do)

    @property
    def sentence(self) -> Sentence:
        """What it is, and what to do."""
        return together(self.said, self.do) if self.do else self.said


@dataclass(frozen=True, slots=True)
class TpmKey:
    """What a TPM gave us to keep of a key: without this very TPM it opens nothing."""

    key: PublicKey
    public: bytes
    private: bytes = field(repr=False)
    """Encrypted and bound to its parent by the TPM."""


class Tpm:
    """The TPM of this machine, or one that a connection string of tpm2-tss (TCTI) names."""

    def __init__(self, tcti: str = DEVICE, programs: str = PROGRAMS) -> None:
        self._tcti, self._programs = tcti, programs

    def obstacle(self) -> Obstacle | None:
        """Return why it can't be used, as far as a look tells; None: it may be."""
        kind, _, place = self._tcti.partition(":")
        is_device = kind == "device"
        if is_device and not Path(place).exists():
            return self._obstacle("unmanaged" if Path(place.replace("tpmrm", "tpm")).exists() else "none")
        if which("tpm2_createprimary", path=self._programs) is None:
            return self._obstacle("toolless")
        is_closed = is_device and not os.access(place, os.R_OK | os.W_OK, effective_ids=True)
        return self._obstacle("closed") if is_closed else None

    def trial(self) -> Obstacle | None:
        """Return why it can't be used, after a try that leaves nothing in it; None: it can be."""
        obstacle = self.obstacle()
        if obstacle is not None:
            return obstacle
        try:
            with TemporaryDirectory() as folder:
                said = self._attempt(folder, *_MAKE_PARENT)[1]
        except KeyUnsafeError as error:
            return self._obstacle("failing", of(error))
        if said is None:
            return None
        return self._obstacle(ailment(said), complaint(f"tpm2_{_MAKE_PARENT[0]}", said))

    def _obstacle(self, word: str, complaint: str = "") -> Obstacle:
        place = self._tcti.partition(":")[2]
        return Obstacle.of(word, OBSTACLES[word], place=place, complaint=complaint)

    def maker(self) -> str:
        """Return who made it, as it says itself, e.g. ``INTC``. Raises KeyUnsafeError."""
        with TemporaryDirectory() as folder:
            return read_maker(self._run(folder, "getcap", "properties-fixed").decode("ascii", "replace"))

    def endorsement(self) -> str:
        """Return what tells this TPM from all others: its endorsement key, public half. Raises KeyUnsafeError."""
        with TemporaryDirectory() as folder:
            self._run(folder, "createek", "-G", "ecc", "-c", "ek.ctx", "-u", "ek.pem", "-f", "pem")
            return _public(Path(folder, "ek.pem")).kid

    def make(self) -> TpmKey:
        """Make a key for ES256. Raises KeyUnsafeError."""
        with TemporaryDirectory() as folder:
            self._parent(folder)
            new = ("-G", "ecc256:ecdsa-sha256", "-a", _ATTRIBUTES, "-u", "key.pub", "-r", "key.priv")
            self._run(folder, "create", "-C", "parent.ctx", *new)
            self._run(folder, "load", "-C", "parent.ctx", "-u", "key.pub", "-r", "key.priv", "-c", "key.ctx")
            self._run(folder, "readpublic", "-c", "key.ctx", "-f", "pem", "-o", "key.pem")
            public, private = (Path(folder, name).read_bytes() for name in ("key.pub", "key.priv"))
            return TpmKey(_public(Path(folder, "key.pem")), public, private)

    def check(self, key: TpmKey) -> None:
        """Check that this is the TPM of a key. Raises KeyUnsafeError."""
        with TemporaryDirectory() as folder:
            self._load(folder, key)

    def sign(self, key: TpmKey, message: bytes) -> bytes:
        """Return the JOSE signature: 64 bytes (RFC 7518, section 3.4). Raises KeyUnsafeError."""
        with TemporaryDirectory() as folder:
            self._load(folder, key)
            Path(folder, "digest").write_bytes(hashlib.sha256(message).digest())
            how = ("-g", "sha256", "-s", "ecdsa", "-f", "plain", "-o", "signature")
            self._run(folder, "sign", "-c", "key.ctx", "-d", *how, "digest")
            r, s = decode_dss_signature(Path(folder, "signature").read_bytes())
        return r.to_bytes(_COORDINATE) + s.to_bytes(_COORDINATE)

    def _parent(self, folder: str) -> None:
        self._run(folder, *_MAKE_PARENT)

    def _load(self, folder: str, key: TpmKey) -> None:
        obstacle = self.obstacle()
        if obstacle is not None:
            raise KeyUnsafeError(together(_LIVES, obstacle.sentence, _MOVED, REHOST))
        self._parent(folder)
        Path(folder, "key.pub").write_bytes(key.public)
        Path(folder, "key.priv").write_bytes(key.private)
        self._run(folder, "load", "-C", "parent.ctx", "-u", "key.pub", "-r", "key.priv", "-c", "key.ctx")

    def _run(self, folder: str, task: str, *words: str) -> bytes:
        output, said = self._attempt(folder, task, *words)
        if said is not None:
            raise KeyUnsafeError(complaint(f"tpm2_{task}", said))
        return output

    def _attempt(self, folder: str, task: str, *words: str) -> tuple[bytes, str | None]:
        """Run a program; return what it gave, and what it complained of where it failed."""
        tool = f"tpm2_{task}"
        try:
            done = subprocess.run(
                [tool, "-T", self._tcti, *words],
                cwd=folder,
                env={"PATH": self._programs, "LC_ALL": "C"},  # nobody else's libraries, settings or language
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_PATIENCE,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            why = type(error).__name__
            raise KeyUnsafeError(phrase("The TPM does not answer: {tool}, {why}.", tool=tool, why=why)) from error
        return done.stdout, done.stderr.decode("utf-8", "replace") if done.returncode else None


@dataclass(frozen=True, slots=True)
class TpmSigner:
    """Signs in a TPM (keys.signing.Signer). Signing raises KeyUnsafeError where the TPM does not do it."""

    tpm: Tpm
    kept: TpmKey

    @property
    def key(self) -> PublicKey:
        """See Signer."""
        return self.kept.key

    def sign(self, message: bytes) -> bytes:
        """See Signer."""
        return self.tpm.sign(self.kept, message)


def read_maker(properties: str) -> str:
    """Read the maker from what ``tpm2_getcap properties-fixed`` says; empty: it does not say."""
    _, _, rest = properties.partition("TPM2_PT_MANUFACTURER:")
    raw = next((line.split(":")[1].strip() for line in rest.splitlines() if line.strip().startswith("raw:")), "")
    try:
        return bytes.fromhex(raw.removeprefix("0x")).decode("ascii").strip("\0 ")
    except ValueError:
        return ""


def ailment(said: str) -> str:
    """Return the word of OBSTACLES for what a program of tpm2-tools complained of."""
    if _CLOSED in said:
        return "closed"
    return "owned" if _OWNED in said else "failing"


def complaint(tool: str, said: str) -> Sentence:
    """Say for people what a program of tpm2-tools complained of."""
    if _FOREIGN in said:
        return together(_LOST, REHOST)
    word = ailment(said)
    if word != "failing":
        return Obstacle.of(word, OBSTACLES[word]).sentence
    lines = [line.removeprefix("ERROR: ").strip() for line in said.splitlines() if line.startswith("ERROR: ")]
    why = lines[0][:_LONGEST] if lines else phrase("it does not say why")
    return phrase("The TPM refused {tool}: {why}.", tool=tool, why=why)


def _public(pem: Path) -> PublicKey:
    return PublicKey.of(cast("ec.EllipticCurvePublicKey", serialization.load_pem_public_key(pem.read_bytes())))
