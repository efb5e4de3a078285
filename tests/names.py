"""The names of `.github/names.env`, which documents, manifests and `init` repeat."""

from pathlib import Path

from cors_proxy import __version__

LINES = (Path(__file__).parent.parent / ".github/names.env").read_text().splitlines()
NAMES = dict(line.split("=", 1) for line in LINES if not line.startswith("#"))
IMAGE = f"{NAMES['IMAGE']}:{__version__}"  # of this version
