"""Packages (services.ports_bundle.Packer): the archive of a release as it is, with the vendor's files behind it."""

from collections.abc import Mapping
from dataclasses import dataclass

from keys.errors import InvalidInputError
from licence_server.bundles.debian import architecture, deb
from licence_server.bundles.release import PLACE
from licence_server.bundles.running import runnable
from licence_server.bundles.tarball import END, Item, compress, tar
from licence_server.services.ports_bundle import Form, Release


@dataclass(frozen=True, slots=True)
class LinuxPacker:
    """Makes packages for Linux."""

    issuer: str
    """Whose packages they are."""

    def name(self, release: Release, form: Form) -> str:
        """See Packer."""
        if form == "deb":
            return f"licence-agent_{release.version}_{architecture(release)}.deb"
        return f"licence-agent-{release.version}-{release.platform}.run"

    def pack(self, release: Release, form: Form, files: Mapping[str, bytes], seal_size: int) -> bytes:
        """See Packer."""
        if not release.platform.startswith("linux-"):
            raise InvalidInputError(
                f"Packages are made for Linux here, and the archive is for {release.platform}. Build one on Linux with "
                "`make agent-tree`."
            )
        items = [Item(f"{PLACE}{name}", files[name]) for name in sorted(files)]
        if form == "deb":
            return deb(release, items, self.issuer, seal_size)
        return runnable(release, release.archive + compress(tar(items, release.built_at) + END), self.issuer)
