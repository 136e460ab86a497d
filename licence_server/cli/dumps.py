"""Commands: backup and restore."""

from pathlib import Path

import click

from keys.command import NewFile, json_option, show, tell
from keys.errors import InvalidInputError
from keys.keyfolder import KeyFolder
from licence_server.cli.session import Session, pass_session
from licence_server.config import load_config
from licence_server.storage.archive import new_archive, open_archive
from licence_server.storage.damage import set_aside_damaged
from licence_server.storage.dump import load_tables, save_tables
from licence_server.storage.engine import check_there
from licence_server.storage.homefiles import PASSPHRASE, files_of, finished, put_back
from licence_server.storage.vault import FileVault


@click.command()
@click.argument("file", type=NewFile())
@click.option("--with-passphrase", is_flag=True, help="Put the keys' passphrase in too: who has FILE has the keys.")
@json_option
@pass_session
def backup(session: Session, file: Path, with_passphrase: bool, as_json: bool) -> None:
    """Write database, settings and encrypted keys into FILE, as they are at one moment; the server goes on.

    Example: licence-server backup /mnt/backup/licences-2026-11-22.zip
    """
    if not file.parent.is_dir():
        raise InvalidInputError(f"There is no folder {file.parent}.")
    config, now = session.config, session.clock.now()
    check_there(config.database)
    with new_archive(file) as archive:
        for name, content in files_of(session.home, with_passphrase=with_passphrase):
            archive.add(name, [content])
        facts = save_tables(config.database, archive)
        archive.finish({"created_at": now, "issuer": config.issuer, **facts})
    value = {"file": str(file), "bytes": file.stat().st_size, **facts}
    show(value, as_json, lambda: f"{file} has it all, in {value['bytes']} bytes.")
    if (session.home / PASSPHRASE).exists() and not with_passphrase:
        tell(f"{session.home / PASSPHRASE} is not in it. Keep a copy of that apart: without it the keys are lost.")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Replace the keys and settings that are here, too.")
@json_option
@pass_session
def restore(session: Session, file: Path, force: bool, as_json: bool) -> None:
    """Bring back what a backup has: the whole database and, where there are none, keys and settings.

    Unused activation codes become void; `licence code` makes new ones. Agents bring back by themselves what happened
    since the backup, by the licences that they hold; `licence list --state recovered` shows what waits for a person.
    Until they have, in a day or two, revoke no signing key: what it signed would prove nothing any more.

    Example: licence-server restore /mnt/backup/licences-2026-11-22.zip
    """
    with open_archive(file) as archive:
        with_keys = put_back(archive, session.home, session.environment, force=force)
        config = load_config(session.home, session.environment)
        folder = KeyFolder.of_home(session.home, session.environment)
        desk = FileVault(folder.path, folder.passphrase)
        aside = set_aside_damaged(config.database, session.clock.now())
        if aside is not None:
            tell(f"The database was damaged; it is kept as {aside}. Restart the server if it runs.")
        void = load_tables(config.database, archive, desk, session.clock.now(), session.by)
        finished(session.home)
    value = {"file": str(file), "keys": with_keys, "codes_void": void}
    kept = "Keys and settings came with it." if with_keys else "Keys and settings are the ones that were here."
    show(value, as_json, lambda: f"The database is as it was in {file}. {kept} Activation codes made void: {void}.")
