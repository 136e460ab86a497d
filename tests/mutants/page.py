"""The page on what mutation testing found."""

from collections.abc import Mapping, Sequence

from tests.mutants.survivors import HOUSES, ROOT, Tally

PAGE = ROOT / "docs/mutants.md"
ENOUGH = 0.9
_HEAD = """# Mutants

`make mutants` changes the code of the rules, one operator, constant, argument or text at a time, and runs the tests
that reach the place. A change that no test notices is a survivor: a rule that nothing holds, or a change that means
nothing. This page is made by that command, which fails when fewer than nine of ten changes are noticed, or when a
survivor has no reason.
"""


def share(tallies: Sequence[Tally]) -> float:
    """Return which part of all changes was noticed, from 0 to 1."""
    made = sum(tally.made for tally in tallies)
    return 1 - sum(len(tally.survivors) for tally in tallies) / made if made else 0.0


def page(tallies: Sequence[Tally], reasons: Mapping[tuple[str, str], str]) -> str:
    """Return the whole page: the shares of each house and file, then the survivors with their reasons."""
    lines = [_HEAD, "| part | changes | noticed | share |", "| --- | ---: | ---: | ---: |"]
    lines += [
        _row(f"**{house}**", [tally for tally in tallies if tally.file.startswith(f"{house}/")]) for house in HOUSES
    ]
    lines.append(_row("**all**", tallies))
    lines += [_row(f"`{tally.file}`", [tally]) for tally in tallies]
    lines += ["", "## Survivors", "", "| where | was | became | why it may live |", "| --- | --- | --- | --- |"]
    for one in (survivor for tally in tallies for survivor in tally.survivors):
        lines.append(f"| `{one.function}` | {_code(one.before)} | {_code(one.after)} | {one.reason(reasons)} |")
    return "\n".join(lines) + "\n"


def _row(name: str, tallies: Sequence[Tally]) -> str:
    made, alive = sum(tally.made for tally in tallies), sum(len(tally.survivors) for tally in tallies)
    return f"| {name} | {made} | {made - alive} | {share(tallies):.1%} |"


def _code(text: str) -> str:
    kept = text if len(text) <= 160 else f"{text[:157]}..."
    return f"`{kept.replace('|', '¦').replace('`', '´')}`" if kept else ""
