"""The demo as a process on free ports."""

import json
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
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
def started() -> Iterator[tuple[str, Callable[[int], str]]]:
    """What it printed until it was ready, and a function that ends it and returns its log."""
    command = [sys.executable, "-m", "cors_proxy", "demo", "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    with process, process.stdout as out:

        def end(number: int) -> str:
            process.send_signal(number)
            log = out.read()
            assert process.wait(20) == 0
            return log

        try:
            text = ""
            while "Ctrl-C" not in text:
                line = out.readline()
                assert line, f"the demo ended: {text}"
                text += line
            yield text, end
        finally:
            if process.poll() is None:
                process.terminate()


@contextmanager
def running() -> Iterator[Demo]:
    with started() as (text, end):
        found = re.search(r"Open\s+(\S+)/\s.* calls (\S+)\n.*\nAdmin\s+(\S+)/metrics", text)
        assert found, text
        yield Demo(*found.groups())
        end(signal.SIGINT)
