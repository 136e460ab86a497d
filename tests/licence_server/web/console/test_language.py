"""Persian first, English beside it: chosen by the reader, else by the browser, and switched at once."""

import pytest

from tests.licence_server.web.console.reader import Reader, words


@pytest.mark.parametrize(
    ("accepted", "language", "direction"),
    [
        ("", "fa", "rtl"), ("de", "fa", "rtl"), ("fa-IR,fa;q=0.9,en;q=0.8", "fa", "rtl"), ("en-GB", "en", "ltr"),
        ("en;q=0.2,fa;q=0.1", "en", "ltr"), ("nonsense;q=x", "fa", "rtl"),
    ],
)  # fmt: skip
def test_the_browsers_language_at_first(reader: Reader, accepted: str, language: str, direction: str) -> None:
    reader.language = accepted
    assert f'<html lang="{language}" dir="{direction}"' in reader.get("/console/sign-in").text
    assert (".rtl.css" in reader.get("/console/sign-in").text) == (direction == "rtl")


def test_the_readers_choice_from_then_on(reader: Reader) -> None:
    assert reader.post("/console/preferences", {"language": "fa", "next": "/console"}).status_code == 303
    assert '<html lang="fa" dir="rtl"' in reader.get("/console/sign-in").text
    assert "Licence server" not in words(reader.get("/console/sign-in"))
    reader.post("/console/preferences", {"language": "en"})
    assert '<html lang="en" dir="ltr"' in reader.get("/console/sign-in").text


def test_colours_follow_the_system_until_they_are_chosen(reader: Reader) -> None:
    assert "data-bs-theme" not in reader.get("/console/sign-in").text
    for theme in ("dark", "light"):
        reader.post("/console/preferences", {"theme": theme})
        assert f'data-bs-theme="{theme}"' in reader.get("/console/sign-in").text
    reader.post("/console/preferences", {"theme": "system"})
    assert "data-bs-theme" not in reader.get("/console/sign-in").text


@pytest.mark.parametrize("form", [{}, {"language": "xx"}, {"theme": "<b>"}, {"theme": "dark", "language": "xx"}])
def test_what_there_is_not_can_not_be_chosen(reader: Reader, form: dict) -> None:
    answer = reader.post("/console/preferences", form)
    assert (answer.status_code, answer.headers.getlist("Set-Cookie")) == (400, [])


@pytest.mark.parametrize("cookie", ["xx", "<script>", "fa\x00", "x" * 4000])
def test_a_cookie_that_somebody_wrote_changes_nothing(reader: Reader, cookie: str) -> None:
    reader.client.set_cookie("language", cookie, domain="licence.example.com")
    reader.client.set_cookie("theme", cookie, domain="licence.example.com")
    page = reader.get("/console/sign-in").text
    assert '<html lang="en" dir="ltr">' in page


def test_every_problem_is_a_page_in_the_readers_language(reader: Reader) -> None:
    reader.language = "fa"
    answer = reader.get("/console/nothing")
    assert (answer.status_code, answer.mimetype) == (404, "text/html")
    assert "اینجا چیزی نیست" in words(answer)
    assert "There is" not in words(answer)
    assert answer.headers["Request-Id"] in words(answer)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_other_methods_get_a_page_too(reader: Reader, method: str) -> None:
    for path in ("/console", "/console/nothing", "/console/sign-in"):
        answer = reader.client.open(path, method=method, base_url=reader.base)
        assert (answer.status_code, answer.mimetype) == (403, "text/html")
