"""``python -m licence_server`` is the command ``licence-server``."""

from licence_server.entry import main

main(prog_name="licence-server")
