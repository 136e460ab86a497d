"""licence-agent fingerprint."""

from typing import Any

import click

from agent.cli.opening import open_agent
from agent.daemon.assembly import Agent
from keys.command import json_option, show
from keys.fingerprint import COMPONENTS, ENOUGH_TO_ACTIVATE, compare, digests, is_filler, is_sufficient, weight


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


def _for_people(said: dict[str, Any]) -> str:
    lines = [
        f"{name:<14}{facts['weight']:>3}{' strong' if facts['strong'] else '':<8}{facts.get('value', '')}".rstrip()
        for name, facts in said["components"].items()
    ]
    lines += [f"{name:<14}  - can't be read just now: {why}" for name, why in said["unreadable"].items()]
    lines += [f"{name:<14}  - not here" for name in said["absent"]]
    enough = "enough" if said["sufficient"] else "not enough: a strong part is needed, too"
    lines.append(f"weight {said['weight']}; activation needs {ENOUGH_TO_ACTIVATE}: {enough}")
    if said["match"] is not None:
        lines.append(f"fits the licence: {'yes' if said['match']['fits'] else 'no'}, {said['match']['percent']} %")
    return "\n".join(lines)
