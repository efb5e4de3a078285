"""In processes of their own; a whole proxy's life is in tests/e2e/test_signals.py."""

import signal
import subprocess
import sys

import pytest

BEGIN = "import os, signal, sys\nfrom cors_proxy.operate import signals\n"
TAKE = "taken = []\nsignals.forward_to(taken.append)\n"


def run(script: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", BEGIN + script], capture_output=True, text=True, timeout=30, check=False
    )


def kill(number: int) -> str:
    return f"os.kill(os.getpid(), {int(number)})\n"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_held_they_end_it_well(number: int) -> None:
    done = run(f"signals.install()\n{kill(number)}print('too far')")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_hang_up_is_kept_for_whoever_takes_the_signals() -> None:
    hang_up, said = kill(signal.SIGHUP), "print(list(map(int, taken)))\n"
    done = run(
        f"signals.install()\n{hang_up}{hang_up}{TAKE}{said}{hang_up}{kill(signal.SIGTERM)}{kill(signal.SIGINT)}{said}"
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "[1]\n[1, 1, 15, 2]\n", "")


def test_who_obeys_one_ignores_the_others() -> None:
    done = run(
        f"signals.install(signal.SIGTERM)\n{kill(signal.SIGINT)}{kill(signal.SIGHUP)}print(1, flush=True)\n{kill(signal.SIGTERM)}print(2)"
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "1\n", "")


def test_at_the_end_nothing_changes_the_exit_code() -> None:
    every = "".join(map(kill, (signal.SIGHUP, signal.SIGTERM, signal.SIGINT)))
    done = run(f"signals.install()\n{TAKE}signals.ignore()\n{every}print(taken)\nsignals.exit_process(3)")
    assert (done.returncode, done.stdout, done.stderr) == (3, "[]\n", "")


@pytest.mark.parametrize("without", ["sys.stdout = None", "os.close(1)", "sys.stdout.close()"])
def test_it_leaves_without_a_stream_too_and_waits_for_no_thread(without: str) -> None:
    threads = "import threading\nthreading.Thread(target=threading.Event().wait).start()\nprint('x')\n"
    done = run(f"{threads}{without}\nsignals.exit_process(0)")
    assert (done.returncode, done.stderr) == (0, "")


FIRST = """
import signal, sys
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # under nohup it is ignored
class Look:
    def find_spec(self, name, path, target=None):
        if name == {late!r}:
            import os, signal
            print(*(signal.getsignal(number) != signal.SIG_DFL for number in (signal.SIGHUP, signal.SIGTERM)))
            print(*(signal.getsignal(signal.SIGINT) is known for known in (signal.default_int_handler, signal.SIG_DFL)))
            print(*sorted({{"argparse", "asyncio", "aiohttp", "ssl", "yaml"}} & set(sys.modules)), flush=True)
            os._exit(7)
sys.meta_path.insert(0, Look())
sys.argv[1:] = {words!r}
from {module} import main
main()
"""


@pytest.mark.parametrize(
    ("module", "words", "late", "said"),
    [
        ("cors_proxy.__main__", ["run"], "cors_proxy.cli", "True True\nFalse False\n\n"),
        ("cors_proxy.__main__", ["demo"], "cors_proxy.cli", "True True\nFalse False\n\n"),
        ("cors_proxy.__main__", ["check"], "cors_proxy.cli", "False False\nFalse True\n\n"),
        ("cors_proxy.worker", ["0"], "cors_proxy.operate.worker", "True True\nFalse False\n\n"),
    ],
)
def test_they_are_there_before_anything_else_is_imported(
    module: str, words: list[str], late: str, said: str
) -> None:
    done = run(FIRST.format(module=module, words=words, late=late))
    assert (done.returncode, done.stdout) == (7, said)
