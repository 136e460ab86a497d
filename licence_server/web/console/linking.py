"""Ids in sentences, as links to what they are of."""

import re

from flask import url_for
from markupsafe import Markup, escape

_PAGES = {"cus": ("customer", "customer_id"), "lic": ("licence", "licence_id")}
_ID = re.compile(r"\b(cus|lic)_[0-9a-z]{20}\b")


def linked(sentence: str) -> Markup:
    """Return a sentence in which the ids of customers and licences lead to their pages."""
    return Markup(_ID.sub(_link, str(escape(sentence))))  # noqa: S704 - escaped just before


def _link(found: re.Match[str]) -> str:
    page, argument = _PAGES[found[1]]
    return f'<a href="{url_for(f"console.{page}", **{argument: found[0]})}">{found[0]}</a>'
