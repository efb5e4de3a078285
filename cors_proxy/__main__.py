"""`cors-proxy` and `python -m cors_proxy` start here.  Signal handlers come before all other imports."""

import signal
import sys

if sys.platform == "win32":  # no SIGHUP, no Unix sockets, no descriptors for workers
    print("cors-proxy does not run on Windows: use its container image, or WSL", file=sys.stderr)
    sys.exit(2)

from .operate import signals  # noqa: E402

SERVING = ("run", "demo")  # the commands that run until a signal ends them


def main() -> int:
    """The console script; returns the exit code."""
    serving = sys.argv[1:2] != [] and sys.argv[1] in SERVING
    if serving:
        signals.install()
    else:  # Ctrl-C ends the other commands without a traceback, as it does any tool
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    from .cli import quiet_pipe
    from .cli.main import main as run_command

    quiet_pipe.install()
    code = run_command()
    if serving:
        signals.exit_process(code)
    return code


if __name__ == "__main__":
    sys.exit(main())
