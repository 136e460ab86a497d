"""A backup of any database: every row of every table, taken at one moment and put back over whatever came later."""

from dataclasses import dataclass

from sqlalchemy import Engine, delete, insert, select

from licence_server.storage.tables import metadata

Rows = list[dict[str, object]]


@dataclass(frozen=True)
class Backup:
    """What a database held at one moment."""

    tables: dict[str, Rows]

    @classmethod
    def of(cls, engine: Engine) -> "Backup":
        with engine.connect() as connection:
            return cls(
                {
                    table.name: [dict(row) for row in connection.execute(select(table)).mappings()]
                    for table in metadata.sorted_tables
                }
            )

    def restore(self, engine: Engine) -> None:
        with engine.begin() as connection:
            for table in reversed(metadata.sorted_tables):
                connection.execute(delete(table))
            for table in metadata.sorted_tables:
                if self.tables[table.name]:
                    connection.execute(insert(table), self.tables[table.name])
