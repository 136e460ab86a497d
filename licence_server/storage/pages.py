"""Long tables in pages, and what holds a text: by one index of each table in which people look for things."""

from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, func, select, tuple_

from licence_server.domain.paging import Place


def page(
    query: Select[Any],
    table: Table,
    after: Place | None,
    most: int,
    *only: ColumnElement[bool],
    since: str = "created_at",
) -> Select[Any]:
    """Return a query for the newest rows of a table that meet all conditions, or those that follow a place.

    The rows are chosen by their ids alone: the index has all that a search looks at, and whole rows are large.
    ``since`` is the column of their age.
    """
    at = table.c[since]
    newest = (at.desc(), table.c.id.desc())
    follows = () if after is None else (tuple_(at, table.c.id) < tuple_(after.created_at, after.id),)
    chosen = select(table.c.id).where(*only, *follows).order_by(*newest).limit(most)
    return query.where(table.c.id.in_(chosen)).order_by(*newest)


def holds(connection: Connection, table: Table, text: str) -> ColumnElement[bool]:
    """Return the condition that a folded text is in what is looked in, as the database is quickest to see."""
    if connection.dialect.name == "postgresql":
        return func.strpos(table.c.search, text) > 0
    return table.c.search.contains(text, autoescape=True)
