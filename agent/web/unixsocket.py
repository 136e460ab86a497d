"""The Unix socket of the local API, and which users of this machine may open it."""

import logging
import os
import socket
import struct
from collections.abc import Collection
from pathlib import Path

_log = logging.getLogger(__name__)
_MODE = 0o660
_ACCESS_LIST = "system.posix_acl_access"
_VERSION = 2
"""Of the access list's form in that attribute: linux/posix_acl_xattr.h, as are the entries' tags."""
_OWNER, _USER, _GROUP, _MOST, _OTHERS = 0x01, 0x02, 0x04, 0x10, 0x20
_NOBODY = 0xFFFF_FFFF
_NOTHING, _READ_AND_WRITE = 0, 6


def listen_unix(path: Path, backlog: int, users: Collection[int] = ()) -> socket.socket:
    """Listen on a Unix socket that its owner, its group and further users may open.

    Args:
        path: where it lies; one that a process before left there gives way.
        backlog: how many may wait for an answer to their knocking.
        users: ids of the further users. They get in by an access list, since an owner who is not root can give a file
            to no group but its own. On a file system without access lists nobody but root gets in so; the log says it.

    Raises OSError: the path is taken, or can't be.
    """
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        if path.is_socket():
            path.unlink()  # the last one's, who had no time to tidy up
        listening.bind(str(path))
        path.chmod(_MODE)
        _let_in(path, sorted({*users} - {0, os.geteuid()}))
        listening.listen(backlog)
        listening.setblocking(False)
    except BaseException:
        listening.close()
        raise
    return listening


def _let_in(path: Path, users: list[int]) -> None:
    if not users:
        return
    entries = [(_OWNER, _READ_AND_WRITE, _NOBODY), *((_USER, _READ_AND_WRITE, user) for user in users)]
    entries += [(_GROUP, _READ_AND_WRITE, _NOBODY), (_MOST, _READ_AND_WRITE, _NOBODY), (_OTHERS, _NOTHING, _NOBODY)]
    content = b"".join([struct.pack("<I", _VERSION), *(struct.pack("<HHI", *entry) for entry in entries)])
    try:
        os.setxattr(path, _ACCESS_LIST, content)
    except OSError as error:
        _log.warning("The users in socket_users can't open %s: %s. They can use the token.", path, error.strerror)
