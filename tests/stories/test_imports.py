"""A large file through a real server, which is killed in the middle: in the end every row is there, once."""

import csv
import json
import random
import urllib.request
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from tests.stories.parties import Vendor, vendor
from tests.stories.processes import pause, wait_for
from tests.threats.plugin import Figure, Rounds

BAD = 50
ROWS = [pytest.param(1_000, 3), pytest.param(10_000, 20, marks=pytest.mark.long)]


def customers(rows: int) -> bytes:
    """A file of so many rows, of which BAD are bad, in between the others."""
    file = StringIO()
    table = csv.writer(file, delimiter=";")
    table.writerow(["نام", "موبایل", "نشانی"])
    step, much = rows // BAD, "س" * (600_000 // rows)  # the file is larger than any other request may be
    for number in range(rows):
        mobile = "12" if number % step == step // 2 else f"0912{number:07}"
        table.writerow([f"مشتری {number}", mobile, f"خیابان {number}\n{much}"])
    return file.getvalue().encode("utf-8-sig")


@dataclass
class Program:
    """Whoever imports over HTTP."""

    url: str
    token: str

    def ask(self, method: str, path: str, body: bytes | None = None, media: str = "application/json") -> Any:
        headers = {"Authorization": f"Bearer {self.token}", **({"Content-Type": media} if body is not None else {})}
        request = urllib.request.Request(f"{self.url}/api/v1{path}", body, headers, method=method)  # noqa: S310
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - the address is ours
            return json.load(answer)

    def faults(self, path: str) -> Iterator[dict[str, Any]]:
        page: int | None = 0
        while page is not None:
            found = self.ask("GET", f"{path}/faults?page={page}")
            page = found["next"]
            yield from found["found"]

    def codes(self, path: str, again: int) -> Iterator[tuple[str, str]]:
        """Have the codes of an import made, each page so often, and return the last ones, by licence."""
        page: int | None = 0
        while page is not None:
            for _ in range(again):
                found = self.ask("POST", f"{path}/codes", json.dumps({"page": page}).encode())
            page = found["next"]
            yield from ((each["licence"], each["code"]) for each in found["found"])


def token(seller: Vendor) -> str:
    expires = ("--expires", "2027-06-01")
    made = seller.run("token", "add", "shop", "--operator", "admin", "--scope", "imports.write", *expires)
    return str(made["token"])


def done_though_killed(seller: Vendor, program: Program, path: str, kills: int) -> Any:
    """Say yes to an import, kill the server again and again, and return the import when it is done."""
    program.ask("POST", f"{path}/confirmation", b'{"leave_out": true}')
    seen, chance = list[int](), random.Random(kills)

    def progress() -> Any:
        now = program.ask("GET", path)
        return now if now["state"] == "done" or now["made"] > max(seen, default=0) else None

    for _ in range(kills):
        wait_for("progress", progress)
        pause(chance.uniform(0.0, 0.1))
        seller.cradle.kill()
        program.url = seller.start()
        seen.append(program.ask("GET", path)["made"])

    def done() -> Any:
        now = program.ask("GET", path)
        seen.append(now["made"])
        pause(0.1)
        return now if now["state"] == "done" else None

    end = wait_for("the import", done)
    assert seen == sorted(seen), "nothing that was done is undone"
    assert len(set(seen)) > kills // 3 + 2, "it was killed in the midst of it"
    return end


@pytest.mark.threat(20)
@pytest.mark.timeout(600)
@pytest.mark.parametrize(("rows", "kills"), ROWS)
def test_a_file_is_imported_whole_though_the_server_is_killed(
    folder: Path, database_url: str, rows: int, kills: int, figure: Figure
) -> None:
    with vendor(folder, LICENCE_SERVER_DATABASE=database_url) as seller:
        program = Program(seller.start(), token(seller))
        found = program.ask("POST", "/imports?kind=customers", customers(rows), "text/csv")
        path = f"/imports/{found['id']}"
        faults = list(program.faults(path))
        assert (found["good"], found["bad"], len(faults)) == (rows - BAD, BAD, BAD)
        step = rows // BAD
        assert [fault["line"] for fault in faults] == [2 + 2 * (step // 2 + step * number) for number in range(BAD)]
        assert {(fault["column"], fault["reason"][:15]) for fault in faults} == {("mobile", "A mobile number")}
        assert program.ask("GET", path)["made"] == 0
        end = done_though_killed(seller, program, path, kills)
        seller.cradle.kill()
        assert (end["made"], end["left_out"]) == (rows - BAD, 0)
        names = Counter(each["name"] for each in seller.run("customer", "list"))
        assert (len(names), set(names.values())) == (rows - BAD, {1})
        assert seller.run("audit", "verify")["valid"]
    figure(f"an import of {rows} rows, {BAD} of them bad, killed {kills} times: {rows - BAD} customers, each once")


@pytest.mark.long
@pytest.mark.threat(20)
@pytest.mark.timeout(600)
def test_each_licence_of_a_file_is_issued_once_and_each_code_counts_once(
    folder: Path, database_url: str, rounds: Rounds, figure: Figure
) -> None:
    kills = rounds(15, sample=3)
    rows = 300 * kills
    with vendor(folder, LICENCE_SERVER_DATABASE=database_url) as seller:
        program = Program(seller.start(), token(seller))
        seller.run("customer", "add", "Acme")
        lines = "".join(f"Acme,{number % 9 + 1},site {number}\n" for number in range(rows))
        found = program.ask("POST", "/imports?kind=licences", f"customer,users,site\n{lines}".encode(), "text/csv")
        path = f"/imports/{found['id']}"
        end = done_though_killed(seller, program, path, kills)
        assert (end["made"], end["left_out"]) == (rows, 0)
        codes = dict(program.codes(path, again=2))
        seller.cradle.kill()
        sites = Counter(each["site"] for each in seller.run("licence", "list"))
        assert (len(sites), set(sites.values())) == (rows, {1})
        assert len(set(codes.values())) == len(codes) == rows
        assert seller.run("audit", "verify")["valid"]
    figure(f"an import of {rows} licences, killed {kills} times: each issued once, each with one code")
