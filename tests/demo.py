"""The demo as a process on free ports, for tests that look at it from outside."""

import json
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass
class Demo:
    page: str
    proxy: str
    admin: str

    def reached(self) -> int:
        """How many requests reached its API."""
        with urllib.request.urlopen(f"{self.proxy}/requests", timeout=10) as got:
            return int(json.load(got)["requests"])


@contextmanager
def running() -> Iterator[Demo]:
    process = subprocess.Popen(
        [sys.executable, "-m", "cors_proxy", "demo", "--port", "0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout is not None
    with process, process.stdout as out:
        text = ""
        while "Ctrl-C" not in text:
            line = out.readline()
            assert line, f"the demo ended: {text}"
            text += line
        found = re.search(r"Open\s+(\S+)/\s.* calls (\S+)\n.*\nAdmin\s+(\S+)/metrics", text)
        assert found, text
        yield Demo(*found.groups())
        process.send_signal(signal.SIGINT)
        out.read()
        assert process.wait(20) == 0
