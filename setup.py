"""Compiles the data path with mypyc: the same modules at about half the CPU for a request (ADR 8).

Everything else is in pyproject.toml. Without a C compiler, or with CORS_PROXY_PURE set, they are
installed as they are."""

import os
import shlex
import shutil
import sys
import sysconfig
from pathlib import Path

from setuptools import setup

# What runs for a request, and no more: what is compiled cannot be replaced by a test, nor be
# changed without being compiled again.
COMPILED = {
    "cors_proxy/cors": "amp amp_email byte_set decide decision decision_cache escape feeds fetch_metadata"
    " foreign hosts isolation judge modes names origin origins own_origin path percent"
    " preflight request request_headers response router site storage_access variants",
    "cors_proxy/proxy": "address addresses answers ask ask_head ask_verdict bounds chunks client client_clock"
    " client_end client_phase context edge end exchange_phase ext_authz ext_proc field_lines forwarding"
    " grpc_connection grpc_head journey listener location outbox"
    " phase pool proxy_exchange proxy_protocol rate recorder request_head request_reader"
    " response_head response_sink tcp tls_state token_bucket trace_context transport tunnel upstream"
    " upstream_phase waiting_room",
    "cors_proxy/operate": "access_log counters recorder",
}


def wanted() -> bool:
    """Whether this machine can compile, and CORS_PROXY_PURE does not forbid it."""
    if os.environ.get("CORS_PROXY_PURE"):
        return False
    compiler = shlex.split(os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc")[0]
    header = Path(sysconfig.get_path("include"), "Python.h")
    if shutil.which(compiler) and header.is_file():
        return True
    print(
        f"cors-proxy: no {compiler}, or no {header}: it is installed without compiled modules,"
        " and uses twice as much CPU",
        file=sys.stderr,
    )
    return False


def extensions() -> list[object]:
    from mypyc.build import mypycify

    # Not with the settings in pyproject.toml: the imported packages are not installed for a build.
    # So their classes are unknown, and a class that inherits from one would crash.
    options = ["--config-file=", "--ignore-missing-imports", "--disallow-subclassing-any"]
    files = [f"{room}/{name}.py" for room, names in COMPILED.items() for name in names.split()]
    return list(
        mypycify([*options, *files], opt_level="3", debug_level="0", group_name="cors_proxy.compiled")
    )


setup(ext_modules=extensions() if wanted() else [])
