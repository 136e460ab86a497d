"""``state.json``: what the agent must remember beside its documents. Versioned; older ones are brought up to date."""

from collections.abc import Callable, Mapping
from pathlib import Path

from agent.services.ports import State
from agent.store.home import Home
from agent.store.jsonfile import as_json, read_json
from keys.claims import Reader
from keys.errors import StateNewerError
from keys.sentences import phrase

VERSION = 1
Step = Callable[[dict[str, object]], dict[str, object]]
STEPS: Mapping[int, Step] = {}
"""From a version to the next one."""
_REMEDY = phrase(
    "Restore it from a backup, or remove it: the agent then asks the server that its trust document names."
)


class States:
    """Reads and replaces the state of one home."""

    def __init__(self, home: Home, steps: Mapping[int, Step] = STEPS, version: int = VERSION) -> None:
        self._home, self._steps, self._version = home, steps, version

    def read(self) -> State:
        """Return the state; a home without one has a fresh one.

        Raises:
            StateDamagedError: it is not what we wrote; as StateNewerError: a newer release wrote it.
        """
        return self.read_from(self._home.state)

    def read_from(self, path: Path) -> State:
        """Return the state that a file has, which may be its second copy. Raises as read."""
        return read_json(path, self._parse, _REMEDY) or State()

    def write(self, state: State) -> None:
        """Replace the state."""
        content = {
            "version": self._version,
            "server": state.server,
            "terms_version": state.terms_version,
            "spared": state.spared,
        }
        self._home.keep(self._home.state, as_json(content))

    def _parse(self, reader: Reader) -> State:
        version, content = reader.whole("version"), reader.everything()
        if version > self._version:
            raise StateNewerError(
                phrase(
                    "{state} was written by a newer release (version {version}; this one knows {held}). Install "
                    "that release again.",
                    state=self._home.state,
                    version=version,
                    held=self._version,
                )
            )
        while version < self._version and version in self._steps:
            content, version = self._steps[version](content), version + 1
        current = Reader(content)
        return State(
            server=None if current.raw("server") is None else current.text("server"),
            terms_version=current.text("terms_version", 64),
            spared=None if current.raw("spared") is None else current.text("spared", 128),
        )
