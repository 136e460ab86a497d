"""The vendor's people, as an administrator sees and changes them."""

import pytest

from licence_server.domain.operator import Operator
from tests.licence_server.web.console.reader import Reader, words

OPERATORS = "/console/operators"


@pytest.fixture
def administrator(reader: Reader) -> Reader:
    reader.enter("administrator", "maryam")
    return reader


def named(reader: Reader, name: str) -> Operator:
    return reader.office.server.enrolling.named(name)


def test_somebody_is_taken_in_with_a_password_for_once(administrator: Reader) -> None:
    answer = administrator.post(OPERATORS, {"name": "reza", "role": "support"})
    assert answer.status_code == 200
    assert "shown this once" in words(answer)
    password = answer.text.partition('class="latin">')[2].partition("<")[0]
    newcomer = Reader.of(administrator.office)
    answer = newcomer.post("/console/sign-in", {"name": "reza", "password": password})
    assert answer.headers["Location"].startswith("/console/sign-in/password")
    assert named(administrator, "reza").role == "support"


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"name": "Reza!", "role": "sales"}, 422), ({"name": "reza", "role": "king"}, 422),
        ({"name": "maryam", "role": "sales"}, 409),
    ],
)  # fmt: skip
def test_a_mistake_is_named(administrator: Reader, form: dict, status: int) -> None:
    answer = administrator.post(OPERATORS, form)
    assert (answer.status_code, 'role="alert"' in answer.text) == (status, True)


def test_roles_change_and_doors_close(administrator: Reader) -> None:
    other = Reader.of(administrator.office)
    reza = other.enter("support", "reza").operator
    for button, form in (("role", {"role": "sales"}), ("disable", {}), ("enable", {})):
        assert administrator.post(f"{OPERATORS}/{reza.id}/{button}", form).status_code == 303
        assert other.get("/console").status_code == 303
    assert named(administrator, "reza").role == "sales"
    answer = administrator.post(f"{OPERATORS}/{reza.id}/reset")
    assert "reza" in words(answer)
    assert named(administrator, "reza").secret is None


def test_the_last_administrator_stays(administrator: Reader) -> None:
    me = named(administrator, "maryam")
    for each in administrator.office.server.enrolling.operators():
        if each.role == "administrator" and each.id != me.id:
            administrator.office.server.enrolling.disable(each.id, "operator:tests")
    answer = administrator.post(f"{OPERATORS}/{me.id}/disable")
    assert (answer.status_code, "last administrator" in words(answer)) == (409, True)
