"""Profiles of Hypothesis (`make check` sets `long`), and a check that compiled modules are up to
date."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

PACKAGE = Path(__file__).parents[1] / "cors_proxy"

settings.register_profile("default", deadline=None)
settings.register_profile("long", deadline=None, max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


def pytest_configure(config: pytest.Config) -> None:
    for compiled in PACKAGE.rglob("*.so"):
        source = compiled.with_name(compiled.name.partition(".")[0] + ".py")
        if source.is_file() and source.stat().st_mtime > compiled.stat().st_mtime:
            pytest.exit(
                f"{source} is newer than what is compiled of it: `make install`, or delete the .so files",
                returncode=4,
            )
