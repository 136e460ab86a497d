"""Which paths are meant: one that is given as a text is that path, not a list of its characters."""

import pytest

from agent.crm.people import matcher


@pytest.mark.parametrize(
    ("paths", "path", "meant"),
    [
        (("/login",), "/login", True),
        (("/login",), "/", False),
        (("/login",), "/login/again", False),
        (("/accounts/*", "/login"), "/accounts/new", True),
        (("/accounts/*", "/login"), "/accounts", False),
        ("/login", "/login", True),
        ("/login", "/", False),
        ("/static/*", "/static/a.css", True),
        ("/static/*", "/", False),
        ((), "/", False),
        ("", "/", False),
    ],
)
def test_a_path_is_meant_or_not(paths, path: str, meant: bool) -> None:
    assert matcher(paths)({"PATH_INFO": path}) is meant
