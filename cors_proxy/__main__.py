"""`python -m cors_proxy` is `cors-proxy`."""

import sys

from .cli.main import main

if __name__ == "__main__":
    sys.exit(main())
