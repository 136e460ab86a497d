"""Where everything lies on a customer's server, below the root folder or that of a system that is being built."""

from dataclasses import dataclass
from pathlib import Path

SERVICE = "licence-agent"
HARDWARE_SERVICE = "licence-agent-hardware"
VARIABLES = "etc/default/licence-agent"


@dataclass(frozen=True, slots=True)
class Layout:
    """Paths below one root folder."""

    prefix: Path = Path("/")

    @property
    def is_image(self) -> bool:
        """Whether this is a system that does not run here."""
        return self.prefix != Path("/")

    @property
    def trees(self) -> Path:
        """The folder of the program's trees: each version lies in one of its own."""
        return self.prefix / "opt"

    @property
    def current(self) -> Path:
        """The tree in force: a link to one of ours, or the folder of a distribution's package."""
        return self.trees / "licence-agent"

    @property
    def is_packaged(self) -> bool:
        """Whether the tree in force is of a distribution's package."""
        return self.current.is_dir() and not self.current.is_symlink()

    @property
    def before(self) -> Path:
        """A link to the tree that was in force before a switch whose end nobody saw."""
        return self.trees / ".licence-agent.before"

    @property
    def command(self) -> Path:
        """What people type."""
        return self.prefix / "usr/bin/licence-agent"

    @property
    def home(self) -> Path:
        """The service's home, whatever the environment of the person at the terminal says."""
        return self.prefix / "var/lib/licence-agent"

    @property
    def units(self) -> Path:
        """The folder of systemd's units that an administrator installs."""
        return self.prefix / "etc/systemd/system"

    @property
    def unit_files(self) -> tuple[Path, ...]:
        """The units of ours there."""
        return tuple(self.units / f"{name}.service" for name in (SERVICE, HARDWARE_SERVICE))

    @property
    def packaged_units(self) -> tuple[Path, ...]:
        """The folders of systemd's units that packages bring."""
        return self.prefix / "usr/lib/systemd/system", self.prefix / "lib/systemd/system"

    @property
    def init_script(self) -> Path:
        """What starts the agent where there is no systemd."""
        return self.prefix / "etc/init.d/licence-agent"

    @property
    def variables(self) -> Path:
        """What the service has in its environment beside what its files say; see agent.system.outbound."""
        return self.prefix / VARIABLES

    @property
    def authorities(self) -> Path:
        """A copy of the authorities that the installer trusts, which the service can read."""
        return self.prefix / "etc/default/licence-agent.pem"

    @property
    def log(self) -> Path:
        """What the agent says where there is no journal."""
        return self.prefix / "var/log/licence-agent.log"
