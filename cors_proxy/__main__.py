"""`cors-proxy` and `python -m cors_proxy` begin here: signal handlers first, all other imports later."""

import signal
import sys

from .operate import signals

SERVING = ("run", "demo")  # the verbs that go on until a signal ends them


def main() -> int:
    """The console script."""
    serves = sys.argv[1:2] != [] and sys.argv[1] in SERVING
    if serves:
        signals.hold()
    else:  # Ctrl-C ends it, as it does any tool, without a traceback
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    from .cli.main import main as verbs

    code = verbs()
    if serves:
        signals.leave(code)
    return code


if __name__ == "__main__":
    sys.exit(main())
