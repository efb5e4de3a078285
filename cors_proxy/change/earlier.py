"""The policy at an earlier revision of a Git repository: `git:REV`.

Git writes the whole folder of the policy at that revision into a temporary one, so that the files
which the policy names are those of the revision too."""

import os
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from typing import Final

PREFIX: Final = "git:"
_TIMEOUT: Final = 60.0  # seconds


class EarlierError(ValueError):
    """The message says why there is no such revision of the file."""


@contextmanager
def revision_of(name: str, revision: str, environ: Mapping[str, str]) -> Iterator[str]:
    """The path of the file `name` as it was at a revision.

    Raises EarlierError."""
    if not revision or revision.startswith("-"):
        raise EarlierError(f"{PREFIX}{revision}: no revision")
    folder = os.path.dirname(os.path.abspath(name))
    top = _git(folder, environ, "rev-parse", "--show-toplevel").decode().rstrip("\n")
    path = os.path.relpath(os.path.realpath(os.path.abspath(name)), os.path.realpath(top))
    if _git(top, environ, "cat-file", "-t", f"{revision}:{path}").strip() != b"blob":
        raise EarlierError(f"{path} is no file at {revision}")
    # All of it: the files that a policy names may be anywhere in the repository
    archive = _git(top, environ, "archive", "--format=tar", revision)
    with tempfile.TemporaryDirectory() as made:
        with tarfile.open(fileobj=BytesIO(archive)) as files:
            files.extractall(made, filter="data")
        yield os.path.join(made, path)


def _git(folder: str, environ: Mapping[str, str], *words: str) -> bytes:
    try:
        done = subprocess.run(
            ["git", "-C", folder, *words],
            capture_output=True,
            timeout=_TIMEOUT,
            check=False,
            env={**environ, "LC_ALL": "C"},
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EarlierError(f"cannot run git: {error}") from None
    if done.returncode:
        raise EarlierError(done.stderr.decode("utf-8", "replace").strip() or f"git {words[0]} failed")
    return done.stdout
