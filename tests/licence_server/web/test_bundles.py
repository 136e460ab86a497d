"""Installation packages over HTTP: by a button of the console's, and by a program."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from keys.bundled import check_package
from licence_server.domain.operator import ROLES, Role
from licence_server.domain.rights import RIGHTS_OF
from tests.licence_server.office import ISSUER, Home, Office, problem
from tests.licence_server.release import ABOUT, archive
from tests.licence_server.web.api.program import Program
from tests.licence_server.web.console.reader import Reader, words


@pytest.fixture
def office(home: Home, tmp_path: Path) -> Iterator[Office]:
    office = Office.of(home, agent_archive=str(archive(tmp_path / "agent.tar.gz")))
    yield office
    office.close()


def saved(content: bytes, path: Path) -> Path:
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("form", ["run", "deb"])
def test_a_program_gets_what_the_console_gives(office: Office, tmp_path: Path, form: str) -> None:
    program, reader = Program.of(office, "support", "shop"), Reader.of(office)
    assert program.get("/bundles") == {**ABOUT, "server": ISSUER}
    told = program.ask("GET", f"/bundles/{form}")
    assert (told.status_code, told.mimetype) == (200, "application/octet-stream")
    reader.enter("sales")
    page = reader.get("/console/packages")
    assert {f"/console/packages/{form}"} <= set(reader.links(page))
    assert {"1.2.3", ISSUER, *office.server.bundling.roots} <= {*words(page).split()}, "what to compare with"
    answer = reader.get(f"/console/packages/{form}")
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=licence-agent")
    assert answer.data == told.data
    root = office.server.vault.trust_document
    assert check_package(saved(answer.data, tmp_path / "package"), root, None).version == "1.2.3"


@pytest.mark.threat(30)
@pytest.mark.parametrize("role", ROLES)
def test_who_gives_out_codes_gives_out_packages(office: Office, role: Role) -> None:
    program = Program.of(office, role)
    answers = [program.ask("GET", path).status_code for path in ("/bundles", "/bundles/run")]
    assert answers == ([200, 200] if "licences.code" in RIGHTS_OF[role] else [403, 403])


def test_another_form_is_nothing(office: Office) -> None:
    answer = Program.of(office, "sales").ask("GET", "/bundles/rpm")
    assert (answer.status_code, "run and deb" in problem(answer)["detail"]) == (404, True)


def test_without_the_agents_files_the_page_says_what_to_build(home: Home) -> None:
    office = Office.of(home)
    reader = Reader.of(office)
    reader.enter("sales")
    page = reader.get("/console/packages")
    assert (page.status_code, "agent_archive" in page.text, "/console/packages/run" in page.text) == (200, True, False)
    office.close()
