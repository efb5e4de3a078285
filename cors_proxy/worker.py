"""`python -m cors_proxy.worker DESCRIPTOR…` is one worker of `operate.worker_pool`.

Signal handlers come before all other imports.
"""

import signal
import sys

from .operate import signals


def main() -> None:
    """The descriptors of the command line: the channel, then the listening sockets."""
    # A terminal sends SIGINT and SIGHUP to every process in it, but only the supervisor acts on them.
    signals.install(signal.SIGTERM)

    from .operate.worker import run_worker

    run_worker(sys.argv[1:])


if __name__ == "__main__":
    main()
