"""make bench: every figure in one run, as tables, charts and a page in ``bench/results/``. Takes some minutes."""

import json
import os
import platform
import sys
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil

from bench import breakdown, finding, flat, idle, packaged, seats, validations
from bench.chart import Bar, bars

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True)
class Found:
    """All figures of one run."""

    machine: str
    idle: idle.Idle
    packaged: list[packaged.Row]
    validations: list[validations.Row]
    breakdown: list[breakdown.Step]
    seats: list[seats.Row]
    flat: list[flat.Row]
    finding: list[finding.Row]


def main() -> None:
    """Measure, print and write."""
    RESULTS.mkdir(exist_ok=True)
    machine = _machine()
    print(machine, file=sys.stderr)
    print("The idle agent: a minute and a bit …", file=sys.stderr)
    resting = idle.measure()
    print("The agent in a package …", file=sys.stderr)
    carried = packaged.measure()
    print("Validations …", file=sys.stderr)
    validated = validations.measure()
    steps = breakdown.measure()
    print("Seats …", file=sys.stderr)
    seated = seats.measure()
    print("Many live seats …", file=sys.stderr)
    flatly = flat.measure()
    print("Lists and searches among many customers …", file=sys.stderr)
    found = Found(machine, resting, carried, validated, steps, seated, flatly, finding.measure())
    page = _page(found)
    print(page)
    (RESULTS / "latest.md").write_text(page, encoding="utf-8")
    figures = asdict(found) | {"validations": [{**asdict(row), "ratio": row.ratio} for row in validated]}
    (RESULTS / "latest.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    (RESULTS / "validations.svg").write_text(_validations(validated), encoding="utf-8")
    (RESULTS / "seats.svg").write_text(_seats(seated), encoding="utf-8")
    (RESULTS / "flat.svg").write_text(flat.chart(found.flat), encoding="utf-8")


def _machine() -> str:
    memory = psutil.virtual_memory().total / 2**30
    processor = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    today = datetime.now(UTC).date().isoformat()
    system = f"{platform.system()} {platform.release()}, Python {platform.python_version()}"
    return f"{today}: {os.cpu_count()} cores of {processor}, {memory:.0f} GiB, {system}"


def _page(found: Found) -> str:
    resting = found.idle
    return "\n".join(
        [
            "# Figures of the last run",
            "",
            f"{found.machine}. Absolute times belong to this machine; compare ratios.",
            "",
            f"Idle agent: ready after {resting.ready:.2f} s, {resting.resident:.0f} MiB, {resting.percent:.2f} % CPU.",
            "",
            *packaged.section(found.packaged),
            "Validations over HTTP, server on one core, load on the other; the floor is one Ed25519 verification, one",
            "signature and one durable SQLite commit, measured on the same core before each row:",
            "",
            "```",
            validations.table(found.validations),
            "```",
            "",
            "![validations](validations.svg)",
            "",
            "Where the time of one validation goes, in one process, at the median:",
            "",
            "```",
            breakdown.table(found.breakdown),
            "```",
            "",
            "Seats over HTTP, every answer durable:",
            "",
            "```",
            seats.table(found.seats),
            "```",
            "",
            "![seats](seats.svg)",
            "",
            "The same agent with few and with many live seats:",
            "",
            "```",
            flat.table(found.flat),
            "```",
            "",
            "![many live seats](flat.svg)",
            "",
            f"The vendor's lists, searches and pages among {finding.MANY:,} customers, each with a licence:",
            "",
            "```",
            finding.table(found.finding),
            "```",
            "",
        ]
    )


def _validations(rows: list[validations.Row]) -> str:
    found = [Bar(f"{row.licences} licences, {row.agents} agents", row.ratio, row.agents > 1) for row in rows]
    return bars("Floor divided by the time of one validation", "1 is the floor itself", found)


def _seats(rows: list[seats.Row]) -> str:
    kinds = {kind: index for index, kind in enumerate(dict.fromkeys(row.request for row in rows))}
    found = [Bar(f"{row.request}, {row.live} live, {row.callers} callers", row.cpu, kinds[row.request]) for row in rows]
    return bars("CPU of the agent for one request", "µs", found)


if __name__ == "__main__":
    main()
