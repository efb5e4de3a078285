import subprocess
import sys

LEAN = """
import os
os.environ["SSL_CERT_FILE"] = "/kept"
os.environ.pop("SSL_CERT_DIR", None)
from cors_proxy.operate import light_aiohttp
assert os.environ["SSL_CERT_FILE"] == "/kept" and "SSL_CERT_DIR" not in os.environ
import aiohttp.connector
assert not aiohttp.connector._SSL_CONTEXT_VERIFIED.get_ca_certs()
"""


def test_the_systems_authorities_are_not_loaded_and_the_environment_is_kept() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LEAN], capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 0, done.stderr
