"""Write the cases, always the same: python -m tests.conformance.make."""

import json
from collections.abc import Iterator

from tests.conformance import (
    cases_bytes,
    cases_claims,
    cases_envelopes,
    cases_headers,
    cases_moving,
    cases_outages,
    cases_requests,
    cases_signatures,
    cases_trust,
)
from tests.conformance.material import Case
from tests.conformance.run import CASES

SOURCES = (
    cases_headers,
    cases_bytes,
    cases_signatures,
    cases_claims,
    cases_requests,
    cases_moving,
    cases_outages,
    cases_trust,
    cases_envelopes,
)


def every_case() -> Iterator[Case]:
    """Yield all cases."""
    for source in SOURCES:
        yield from source.cases()


def files() -> dict[str, str]:
    """Return the files of the folder of cases, by name."""
    made: dict[str, str] = {}
    for case in every_case():
        name = f"{case.name}.json"
        if name in made:
            raise ValueError(f"two cases have the name {case.name}")
        made[name] = json.dumps(case.to_json(), indent=1, ensure_ascii=False) + "\n"
    return made


def main() -> None:
    """Replace the folder's content."""
    CASES.mkdir(exist_ok=True)
    for old in CASES.glob("*.json"):
        old.unlink()
    for name, text in files().items():
        (CASES / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
