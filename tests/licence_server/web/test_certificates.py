"""A licence's certificate, from the page, the command line and over the API: the same file, and never a code in it."""

from base64 import b64decode
from pathlib import Path

import pytest

from licence_server.web.console import files
from tests.licence_server.office import Home, Office
from tests.licence_server.services.test_certificates import pages
from tests.licence_server.web.api.program import Program
from tests.licence_server.web.console.reader import Reader, words


@pytest.mark.parametrize(("language", "title"), [("fa", "صادرکننده"), ("en", "Licence certificate")])
def test_it_is_the_same_everywhere(office: Office, home: Home, tmp_path: Path, language: str, title: str) -> None:
    licence, code = office.sell(site="Mashhad")
    reader = Reader.of(office)
    reader.enter("viewer")
    link = f"/console/licences/{licence.id}/certificate/{language}"
    assert link in reader.links(reader.get(f"/console/licences/{licence.id}"))
    answer = reader.get(link)
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert answer.headers["Content-Disposition"] == f"attachment; filename={licence.id}-{language}.pdf"
    said = " ".join(pages(answer.data))
    assert title in said
    assert licence.id in said
    assert code not in said
    program = Program.of(office, "viewer", "program")
    told = program.get(f"/licences/{licence.id}/certificate?language={language}")
    assert b64decode(told["pdf"]) == answer.data
    file = tmp_path / "certificate.pdf"
    home.ask("licence", "certificate", licence.id, "--language", language, "-o", file)
    assert file.read_bytes() == answer.data


def test_of_nothing_and_in_no_language_there_is_none(office: Office, home: Home, tmp_path: Path) -> None:
    licence, _ = office.sell()
    reader, program = Reader.of(office), Program.of(office, "viewer", "program")
    reader.enter("viewer")
    assert reader.get("/console/licences/lic_none/certificate/fa").status_code == 404
    assert reader.get(f"/console/licences/{licence.id}/certificate/de").status_code == 404
    assert program.refused("GET", "/licences/lic_none/certificate") == (404, "not-found")
    assert program.refused("GET", f"/licences/{licence.id}/certificate?language=de") == (422, "invalid-input")
    assert home.type("licence", "certificate", licence.id, "-o", tmp_path / "no/folder.pdf").exit_code == 2


def test_a_server_without_the_fonts_says_so(office: Office, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    licence, _ = office.sell()
    reader = Reader.of(office)
    reader.enter("viewer")
    gone = (files.PRINTED[0], files.PRINTED[1].with_name("gone.ttf"))
    monkeypatch.setattr(files, "PRINTED", gone)
    (found,) = (each for each in home.ask("doctor")["checks"] if each["check"] == "console")
    assert (found["state"], "gone.ttf" in found["said"]) == ("warning", True)
    object.__setattr__(office.server.certifying.printer, "fonts", gone)
    answer = reader.get(f"/console/licences/{licence.id}/certificate/fa")
    assert (answer.status_code, "gone.ttf" in words(answer)) == (503, True)
