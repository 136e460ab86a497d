"""docs/tryton.md is what the stories install; here only that it fits the rest, which costs nothing."""

import ast
import importlib
import re

import pytest

from tests.crm.fronts import PLACES_OF_MIDDLEWARE, PLACES_OF_NGINX
from tests.crm.installing import ROOT
from tests.crm.recipes import recipes

NGINX = ROOT / "deploy" / "nginx"


def test_the_module_takes_from_the_product_what_is_there() -> None:
    (module,) = recipes("python")
    imports = [node for node in ast.walk(ast.parse(module)) if isinstance(node, ast.ImportFrom)]
    ours = [node for node in imports if (node.module or "").startswith("agent")]
    assert ours
    for node in ours:
        found = importlib.import_module(node.module or "")
        assert not [alias.name for alias in node.names if not hasattr(found, alias.name)]


def test_the_site_includes_files_that_are_there() -> None:
    included = re.findall(r"include licence/(\S+);", "".join(recipes("nginx")))
    assert {name for name in included if not (NGINX / name).exists()} == set()


@pytest.mark.parametrize("place", PLACES_OF_NGINX)
def test_the_stories_change_what_is_there_in_nginxs_files(place: str) -> None:
    assert any(place in text for text in (*recipes("nginx"), *(path.read_text() for path in NGINX.glob("*.conf"))))


@pytest.mark.parametrize("place", PLACES_OF_MIDDLEWARE)
def test_the_stories_change_what_is_there_in_the_module(place: str) -> None:
    assert place in recipes("python")[0]
