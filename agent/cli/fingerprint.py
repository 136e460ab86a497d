"""licence-agent fingerprint."""

from typing import Any

import click

from agent.cli.opening import open_agent
from agent.daemon.assembly import Agent
from keys.command import json_option, show
from keys.fingerprint import COMPONENTS, ENOUGH_TO_ACTIVATE, compare, digests, is_filler, is_sufficient, weight
from keys.sentences import marked, phrase, row

_ABSENT = "{name:<14}  - {why}"


@click.command("fingerprint")
@click.option("--raw", is_flag=True, help="Show the values themselves; they never leave this machine otherwise.")
@json_option
def command(raw: bool, as_json: bool) -> None:
    """Show what this server is recognised by, and how much each part weighs.

    Example: licence-agent fingerprint --json
    """
    said = describe(open_agent(), raw)
    show(said, as_json, lambda: _for_people(said))


def describe(agent: Agent, raw: bool) -> dict[str, Any]:
    """Return the components found here, those that are not, and how they fit the licence in hand."""
    reading, licence = agent.machine.read(), agent.judging.holding.hand().licence
    found = [name for name in COMPONENTS if name in reading.values and not is_filler(reading.values[name])]
    said: dict[str, Any] = {
        "components": {
            name: {
                "weight": COMPONENTS[name].weight,
                "strong": COMPONENTS[name].strong,
                **({"value": reading.values[name]} if raw else {}),
            }
            for name in found
        },
        "weight": weight(tuple(found)),
        "sufficient": is_sufficient(dict.fromkeys(found, "")),
        "unreadable": dict(reading.unreadable),
        "absent": [name for name in COMPONENTS if name not in found and name not in reading.unreadable],
        "match": None,
    }
    if licence is not None:
        seen = digests(reading.values, licence.issuer)
        match = compare(licence.fingerprint.components, seen, licence.fingerprint.threshold)
        said["match"] = {
            "fits": match.fits,
            "percent": match.percent,
            "threshold": match.threshold,
            "equal": list(match.equal),
            "changed": list(match.changed),
            "missing": list(match.missing),
            "added": list(match.added),
        }
    return said


def _for_people(said: dict[str, Any]) -> list[str]:
    strong = phrase("strong")
    lines: list[str] = [
        row(
            "{name:<14}{weight:>3} {strong:<7}{value}",
            name=name,
            weight=str(facts["weight"]),
            strong=strong if facts["strong"] else "",
            value=facts.get("value", ""),
        )
        for name, facts in said["components"].items()
    ]
    for name, why in said["unreadable"].items():
        lines.append(row(_ABSENT, name=name, why=phrase("can't be read just now: {why}", why=why)))
    lines += [row(_ABSENT, name=name, why=phrase("not here")) for name in said["absent"]]
    enough = phrase("enough") if said["sufficient"] else phrase("not enough: a strong part is needed, too")
    needed = ENOUGH_TO_ACTIVATE
    total = marked("weight {weight}; activation needs {needed}: {enough}")
    lines.append(phrase(total, weight=said["weight"], needed=needed, enough=enough))
    if said["match"] is not None:
        fits = phrase("yes") if said["match"]["fits"] else phrase("no")
        lines.append(phrase("fits the licence: {fits}, {percent} %", fits=fits, percent=said["match"]["percent"]))
    return lines
