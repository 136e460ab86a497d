"""What stands between a house's people and its Tryton."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

from tests.crm.house import House, agent_with_licence
from tests.crm.installing import ROOT
from tests.crm.people import send
from tests.crm.recipes import recipes
from tests.crm.server import tryton
from tests.stories.nginx_main import main_configuration
from tests.stories.processes import free_port, wait_for

NOTHING: Mapping[str, str] = {}
PLACES_OF_NGINX = {
    "127.0.0.1:7411": "127.0.0.1:{house.agent_port}",
    "127.0.0.1:8000": "127.0.0.1:{house.crm.port}",
    "listen 80;": "listen 127.0.0.1:{house.door[1]};",
    "/etc/nginx/licence": "{folder}/licence",
    "/run/nginx-licence": "{folder}/cache",
    "mirror_request_body off;": "mirror_request_body on;",
    "proxy_cache_valid 204 20s": "proxy_cache_valid 204 1s",
}
PLACES_OF_MIDDLEWARE = {
    "unix:/var/lib/licence-agent/agent.sock": "unix:{buyer.home}/agent.sock",
    "/etc/licence/root.json": "{office.home}/root.json",
    "interval=30": "interval=1",
}
"""What a story changes in the files: where things are, and how long is remembered, because its seats live shorter."""


@contextmanager
def behind_nginx(more: Mapping[str, str] = NOTHING) -> Iterator[House]:
    """deploy/nginx in front of Tryton, with the two files of docs/tryton.md; ``more``: further changes to them."""
    with tempfile.TemporaryDirectory(prefix="crm-") as name, agent_with_licence(Path(name)) as told:
        folder, port, agent = Path(name), free_port(), free_port()
        with tryton(folder / "crm", proxies=1) as crm:
            house = House(*told, crm, ("127.0.0.1", port), agent, administrator="admin:1", remembers=2.1)
            house.start_agent()
            crm.start()
            with _nginx(folder / "nginx", house, more):
                yield house


@contextmanager
def _nginx(folder: Path, house: House, more: Mapping[str, str]) -> Iterator[None]:
    identity, site = recipes("nginx")
    shutil.copytree(ROOT / "deploy" / "nginx", folder / "licence")
    (folder / "licence" / "identity.conf").write_text(identity)
    (folder / "licence" / "token.conf").write_text(
        f'proxy_set_header Authorization "Bearer {house.customer.token("application")}";\n'
    )
    places = _filled(PLACES_OF_NGINX, folder=folder, house=house) | dict(more)
    for path in (folder / "licence").glob("*.conf"):
        path.write_text(_moved(path.read_text(), places))
    configuration = folder / "nginx.conf"
    configuration.write_text(main_configuration(folder, _moved(site, places)))
    started = (shutil.which("nginx", path=f"{os.defpath}:/usr/sbin") or "nginx", "-p", folder, "-c", configuration)
    with subprocess.Popen(started, stderr=subprocess.DEVNULL) as process:
        try:
            wait_for("nginx's start", lambda: _answers(house))
            yield
        finally:
            process.terminate()


def _filled(places: Mapping[str, str], **known: object) -> dict[str, str]:
    return {old: new.format(**known) for old, new in places.items()}


def _moved(text: str, places: Mapping[str, str]) -> str:
    for old, new in places.items():
        text = text.replace(old, new)
    return text


def _answers(house: House) -> bool | None:
    with suppress(OSError):
        return send(house.door, "GET", "/_licence/style.css", {}).status == 200 or None
    return None


@contextmanager
def behind_middleware() -> Iterator[House]:
    """Tryton with agent.crm.wsgi in its own processes, by its own configuration and the module of docs/tryton.md."""
    with tempfile.TemporaryDirectory(prefix="crm-") as name, agent_with_licence(Path(name)) as told:
        folder, agent = Path(name), free_port()
        (module,), (more,) = recipes("python"), recipes("ini")
        places = _filled(PLACES_OF_MIDDLEWARE, office=told[0], buyer=told[1])
        with tryton(folder / "crm", more=more, environment={"PYTHONPATH": f"{folder}/crm:{ROOT}"}) as crm:
            (folder / "crm" / "tryton_licence.py").write_text(_moved(module, places))
            house = House(*told, crm, ("127.0.0.1", crm.port), agent, remembers=1.2, believes_anybody=False)
            house.start_agent()
            crm.start()
            yield house


FRONTS: Mapping[str, Callable[[], AbstractContextManager[House]]] = {
    "nginx": behind_nginx,
    "middleware": behind_middleware,
}
