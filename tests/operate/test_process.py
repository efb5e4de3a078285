"""In processes of their own: what is set here is set for good."""

import subprocess
import sys

STREAMS = """
import os
from cors_proxy.operate.process import reserve_standard_streams
os.close(1)
reserve_standard_streams()
print(os.readlink("/proc/self/fd/1"), file=__import__("sys").stderr)
"""
PREPARE = """
import asyncio, logging, resource, sys
from cors_proxy.operate.events import Events
from cors_proxy.operate.process import set_up_process
class Out:
    def write(self, line): sys.stderr.write(line.decode())
async def main():
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    set_up_process(Events(Out()))
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert soft == hard
    logging.getLogger("some.library").error("it said")
    loop = asyncio.get_running_loop()
    loop.call_soon(lambda: 1 / 0)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    loop.call_exception_handler({"message": "odd"})
asyncio.run(main())
"""


def run(script: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stderr


def test_a_closed_stdout_is_no_number_for_a_socket() -> None:
    assert run(STREAMS) == "/dev/null\n"


def test_descriptors_libraries_and_bugs() -> None:
    found = run(PREPARE)
    assert '"message": "it said"' in found and "ZeroDivisionError" in found and '"message": "odd"' in found
    assert all(line.startswith("{") for line in found.splitlines())
