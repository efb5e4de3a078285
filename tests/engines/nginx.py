"""nginx with what `glue` writes for it."""

from collections.abc import Sequence
from pathlib import Path

from cors_proxy.policy.model import Address, Policy

from . import binary
from .running import write

MAIN = """daemon off;
pid nginx.pid;
error_log stderr warn;
worker_processes 1;
events { worker_connections 512; }
http {
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    include cors-proxy.conf;
}
"""


def setup(policy: Policy, listen: str, folder: Path, deciders: Sequence[Address] = ()) -> list[str]:
    write("nginx", policy, listen, folder, deciders)
    Path(folder, "nginx.conf").write_text(MAIN)
    return [binary("nginx"), "-e", "stderr", "-p", str(folder), "-c", "nginx.conf"]
