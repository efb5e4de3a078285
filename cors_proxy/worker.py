"""`python -m cors_proxy.worker DESCRIPTOR…` is a worker of `operate.worker_pool`: signal handlers first, all other imports later."""

import signal
import sys

from .operate import signals


def main() -> None:
    # A terminal sends SIGINT and SIGHUP to everybody: the supervisor drains us, and it alone reads the policy again.
    signals.hold(signal.SIGTERM)

    from .operate.worker import work

    work([int(number) for number in sys.argv[1:]])


if __name__ == "__main__":
    main()
