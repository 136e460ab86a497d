"""Every command of the three programs, found by walking them, with words that are right for each."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import click
from click.testing import CliRunner, Result

from agent.cli.program import main as agent_program
from keys.cli import main as keys_program
from licence_server.cli.root import main as server_program

PROGRAMS: Mapping[str, click.Group] = {
    "licence-server": server_program,
    "licence-agent": agent_program,
    "licence-keys": keys_program,
}


def commands() -> dict[str, click.Command]:
    """Every command that does something, by the words that are typed for it."""
    return {" ".join(path): command for name, program in PROGRAMS.items() for path, command in _under((name,), program)}


def _under(path: tuple[str, ...], command: click.Command) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    if not isinstance(command, click.Group):
        yield path, command
        return
    if command.invoke_without_command:
        yield path, command
    context = click.Context(command)
    for name in command.list_commands(context):
        found = command.get_command(context, name)
        assert found is not None
        yield from _under((*path, name), found)


def typed(command: str, words: tuple[str, ...], environment: Mapping[str, str]) -> Result:
    """Type a command, with words after it, in this process."""
    program, *path = command.split()
    return CliRunner().invoke(PROGRAMS[program], [*path, *words], env=dict[str, str | None](environment))


@dataclass(frozen=True, slots=True)
class Things:
    """What there is to type about."""

    environment: Mapping[str, str]
    server_home: Path
    agent_home: Path
    folder: Path
    """Where files to read lie, and files may be written."""
    licence: str
    customer: str
    code: str

    def right(self) -> dict[str, tuple[str, ...]]:
        """Words that are right for every command, but for ``run``: those would serve until they are stopped."""
        vendor = self._of_the_server() | self._of_operators() | self._of_plans() | self._of_webhooks()
        servers = vendor | self._of_licences()
        return servers | self._of_the_agent() | self._of_keys()

    @property
    def _root(self) -> str:
        return str(self.server_home / "root.json")

    @property
    def _new(self) -> str:
        return str(self.folder / "new")

    def _of_the_server(self) -> dict[str, tuple[str, ...]]:
        return {
            "licence-server init": (),
            "licence-server run": ("--host", "203.0.113.1"),
            "licence-server customer add": ("Pars Steel",),
            "licence-server customer list": (),
            "licence-server customer change": (self.customer, "--note", "pays late"),
            "licence-server customer find": ("Pars",),
            "licence-server customer representative": (self.customer, "--name", "Sara"),
            "licence-server customer show": (self.customer,),
            "licence-server outage declare": (
                *("--from", "2020-01-01", "--until", "2020-02-01"),
                *("--days", "14", "--all", "--reason", "no internet"),
            ),
            "licence-server outage list": (),
            "licence-server outage show": ("out_4rjw2n3k5m6p7q8r9s0t",),
            "licence-server bundle": ("--archive", str(self.folder / "agent.tar.gz"), "-o", self._new),
            "licence-server exchange": (str(self.folder / "request.lic"),),
            "licence-server import customers": (str(self.folder / "customers.csv"), "--yes"),
            "licence-server import licences": (str(self.folder / "licences.csv"), "--yes", "--codes", self._new),
            "licence-server export customers": ("-o", self._new),
            "licence-server export licences": ("-o", self._new),
            "licence-server audit list": (),
            "licence-server audit verify": (),
            "licence-server clock accept": ("--reason", "the clock was wrong"),
            "licence-server doctor": (),
            "licence-server backup": (self._new,),
            "licence-server restore": (str(self.folder / "backup.zip"),),
        }

    def _of_operators(self) -> dict[str, tuple[str, ...]]:
        scope = ("--scope", "licences.read", "--expires", "2027-03-20")
        return {
            "licence-server operator add": ("sara", "--role", "sales"),
            "licence-server operator list": (),
            "licence-server operator show": ("admin",),
            "licence-server operator role": ("admin", "manager"),
            "licence-server operator disable": ("admin",),
            "licence-server operator enable": ("admin",),
            "licence-server operator reset": ("admin",),
            "licence-server operator sso": ("admin", "4711"),
            "licence-server operator passkey list": ("admin",),
            "licence-server operator passkey remove": ("admin", "pky_4rjw2n3k5m6p7q8r9s0t"),
            "licence-server approval list": (),
            "licence-server approval grant": ("apr_4rjw2n3k5m6p7q8r9s0t",),
            "licence-server approval refuse": ("apr_4rjw2n3k5m6p7q8r9s0t", "--reason", "not ordered"),
            "licence-server token add": ("web shop", "--operator", "admin", *scope),
            "licence-server token list": ("--operator", "admin"),
            "licence-server token revoke": ("tok_4rjw2n3k5m6p7q8r9s0t",),
        }

    def _of_plans(self) -> dict[str, tuple[str, ...]]:
        return {
            "licence-server plan add": ("Standard, a year", "--users", "25", "--duration", "12m"),
            "licence-server plan list": (),
            "licence-server plan show": ("pln_4rjw2n3k5m6p7q8r9s0t",),
            "licence-server plan change": ("pln_4rjw2n3k5m6p7q8r9s0t", "--users", "30"),
            "licence-server plan retire": ("pln_4rjw2n3k5m6p7q8r9s0t",),
        }

    def _of_webhooks(self) -> dict[str, tuple[str, ...]]:
        one = ("whk_4rjw2n3k5m6p7q8r9s0t",)
        return {
            "licence-server webhook add": ("https://crm.example.com/", "--event", "licence.issued"),
            "licence-server webhook list": (),
            "licence-server webhook show": one,
            "licence-server webhook test": one,
            "licence-server webhook deliveries": one,
            "licence-server webhook resend": (*one, "dlv_0123456789abcdef0123456789abcdef"),
            "licence-server webhook rotate": one,
            "licence-server webhook enable": one,
            "licence-server webhook remove": one,
        }

    def _of_licences(self) -> dict[str, tuple[str, ...]]:
        licence, order = (self.licence,), ("--customer", self.customer, "--users", "3")
        return {
            "licence-server licence code": licence,
            "licence-server licence certificate": (*licence, "--output", self._new),
            "licence-server licence confirm": licence,
            "licence-server licence acknowledge": (*licence, "--reason", "they restored a backup"),
            "licence-server licence issue": order,
            "licence-server licence list": (),
            "licence-server licence networks": (*licence, "--network", "10.1.0.0/16"),
            "licence-server licence rehost": (*licence, "--reason", "the old server burnt"),
            "licence-server licence renewals": ("--within", "60"),
            "licence-server licence renew": (*licence, "--ends", "2099-03-20"),
            "licence-server licence resume": (*licence, "--reason", "paid"),
            "licence-server licence revoke": (*licence, "--reason", "returned"),
            "licence-server licence seats": (*licence, "--users", "5"),
            "licence-server licence show": licence,
            "licence-server licence usage": licence,
            "licence-server licence suspend": (*licence, "--reason", "payment_overdue"),
        }

    def _of_the_agent(self) -> dict[str, tuple[str, ...]]:
        image = ("--prefix", str(self.folder / "image"))
        return {
            "licence-agent install": image,
            "licence-agent uninstall": image,
            "licence-agent activate": (self.code, "--server", "http://127.0.0.1:9", "--root", self._root),
            "licence-agent run": ("--host", "203.0.113.1"),
            "licence-agent status": (),
            "licence-agent validate": (),
            "licence-agent request": ("--validate", "-o", self._new),
            "licence-agent import": (self._root,),
            "licence-agent fingerprint": (),
            "licence-agent hardware": ("--group", "nobody-has-this-group"),
            "licence-agent seats": (),
            "licence-agent seats release": ("sara",),
            "licence-agent usage": (),
            "licence-agent token add": ("another-crm",),
            "licence-agent token list": (),
            "licence-agent token remove": ("another-crm",),
            "licence-agent deactivate": (),
            "licence-agent bundle": (str(self.folder / "request.lic"), "--root", self._root),
            "licence-agent doctor": (),
            "licence-agent support": ("-o", self._new),
        }

    def _of_keys(self) -> dict[str, tuple[str, ...]]:
        licence = str(self.agent_home / "licence.jws")
        return {
            "licence-keys pinned init": (self._new, self._root),
            "licence-keys pinned update": (self._root, self._root),
            "licence-keys pinned verify": (self._root, "licence+jwt", licence),
            "licence-keys revoke": ("a-key-that-is-not-there",),
            "licence-keys root new": (self._new,),
            "licence-keys root sign": (str(self.folder / "trust.json"), "--key", str(self.folder / "root.pem")),
            "licence-keys rotate": (),
            "licence-keys signing new": (self._new,),
            "licence-keys trust install": (self._root,),
            "licence-keys trust new": (
                *("--issuer", "https://licences.example.com", "--root", str(self.folder / "root.pem.jwk")),
                *("--signing", str(self.folder / "signing.pem.jwk"), "-o", self._new),
            ),
            "licence-keys trust propose": (self._root, "-o", self._new),
            "licence-keys trust show": (self._root,),
            "licence-keys trust verify": (self._root,),
            "licence-keys verify": (licence, "--root", self._root),
        }
