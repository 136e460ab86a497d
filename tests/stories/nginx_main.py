"""nginx's own settings around a site's: in the foreground, with every file of its in one folder."""

import os
from pathlib import Path

_MAIN = """
daemon off;
worker_processes 2;
{user}
pid {folder}/nginx.pid;
error_log {folder}/error.log info;
events {{ worker_connections 512; }}
http {{
    access_log {folder}/access.log;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {site}
}}
"""


def main_configuration(folder: Path, site: str) -> str:
    """Return nginx.conf around what stands in ``http``; root stays root, who alone may read the tests' folders."""
    return _MAIN.format(folder=folder, site=site, user="user root;" if os.geteuid() == 0 else "")
