"""Servers that answer in a thread of their own."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import BaseServer

_NOTICED_WITHIN = 0.02
"""Seconds until such a server sees that it is to end."""


@contextmanager
def answering(server: BaseServer) -> Iterator[None]:
    """Have a server answer meanwhile; at the end it is closed, and its thread over."""
    with server:
        thread = threading.Thread(target=server.serve_forever, args=(_NOTICED_WITHIN,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()
