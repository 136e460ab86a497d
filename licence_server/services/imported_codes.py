"""Use case: the activation codes of licences that were imported, for whoever confirmed the import."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from keys.clock import Clock
from keys.errors import NotAllowedError
from licence_server.domain.approval import person
from licence_server.domain.licence import Licence
from licence_server.services.issuing import Issuing
from licence_server.services.ports import Units
from licence_server.services.recording import record


@dataclass(frozen=True, slots=True)
class ImportedCodes:
    """Makes codes when somebody is there to take them: at rest there are digests alone, as of every code."""

    units: Units
    clock: Clock
    issuing: Issuing

    def part(self, import_id: str, number: int, by: str) -> Sequence[tuple[Licence, str]] | None:
        """Return the licences of a part of an import with a code each; codes that they had before are void.

        Licences that are on a server, or were stopped since, get none. None: there is no such part, or a week is over.

        Raises:
            NotFoundError: there is no such import.
            NotAllowedError: somebody else confirmed it.
        """
        now = self.clock.now()
        found = []
        with self.units() as unit:
            confirmed_by = unit.imports.get(import_id).confirmed_by
            if person(by) != person(confirmed_by):
                raise NotAllowedError("The codes are for whoever confirmed the import. For one licence: licence code.")
            made = unit.imports.part(import_id, "made", number)
            if made is None:
                return None
            for licence_id in json.loads(made):
                licence = unit.licences.lock(licence_id)
                if licence.state_at(now) == "issued" and unit.activations.live(licence_id) is None:
                    code, facts = self.issuing.add_code(unit, licence, "activation", now)
                    record(unit, "code_issued", licence, by, now, **facts)
                    found.append((licence, code))
        return found
