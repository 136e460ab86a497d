"""Ids in sentences, as links to what they are of."""

import re

from flask import url_for
from markupsafe import Markup, escape

_ID = re.compile(r"\b(cus|lic)_[0-9a-z]{20}\b")


def linked(sentence: str) -> Markup:
    """Return a sentence in which the ids of customers and licences lead to their pages."""
    return Markup(_ID.sub(_link, str(escape(sentence))))  # noqa: S704 - escaped just before


def _link(found: re.Match[str]) -> str:
    page = url_for("console.licence", licence_id=found[0])
    if found[1] == "cus":
        page = url_for("console.customer", customer_id=found[0])
    return f'<a href="{page}">{found[0]}</a>'
