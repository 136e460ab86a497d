"""The files of TLS: kept as long as they are whole, replaced where they are not."""

from pathlib import Path

import pytest

from agent.store.certificates import tls_files
from agent.store.home import Home
from keys.errors import KeyUnsafeError
from tests.fakes import START


def test_what_applications_pinned_stays_whatever_names_there_are(tmp_path: Path) -> None:
    home = Home(tmp_path)
    assert not tls_files(home, ["crm.example"], START).is_anew
    pinned, shown = home.tls_certificate.read_bytes(), home.tls_shown.read_bytes()
    assert not tls_files(home, ["crm.example", "10.0.0.7"], START).is_anew
    assert home.tls_certificate.read_bytes() == pinned
    assert home.tls_shown.read_bytes() != shown


@pytest.mark.parametrize("name", ["tls.key", "tls.crt"])
@pytest.mark.parametrize("content", [b"", bytes(500), None])
def test_what_is_damaged_is_made_anew_and_said(tmp_path: Path, name: str, content: bytes | None) -> None:
    home = Home(tmp_path)
    tls_files(home, ["crm.example"], START)
    pinned = home.tls_certificate.read_bytes()
    if content is None:
        (tmp_path / name).unlink()
    else:
        (tmp_path / name).write_bytes(content)
    assert tls_files(home, ["crm.example"], START).is_anew is not (name == "tls.key" and content is None)
    assert home.tls_certificate.read_bytes() != pinned


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    home = Home(tmp_path)
    tls_files(home, ["crm.example"], START)
    home.tls_key.chmod(0o644)
    with pytest.raises(KeyUnsafeError):
        tls_files(home, ["crm.example"], START)
