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
from typing import Final, NamedTuple

from ..policy.files import decode_utf8

PREFIX: Final = "git:"
_TIMEOUT: Final = 60.0  # seconds


class EarlierError(ValueError):
    """The message says why there is no such revision of the file."""


class Earlier(NamedTuple):
    """The text of the policy at a revision.  `name` is for messages, `folder` for what it names."""

    text: str
    name: str
    folder: str


@contextmanager
def revision_of(name: str, revision: str, environ: Mapping[str, str]) -> Iterator[Earlier]:
    """The file `name` as it was at a revision.  Its folder is there until the end of the context.

    Raises EarlierError, and `PolicyProblems` where the file is not UTF-8."""
    if not revision or revision.startswith("-"):
        raise EarlierError(f"{PREFIX}{revision}: no revision")
    top = _git(os.path.dirname(os.path.abspath(name)), environ, "rev-parse", "--show-toplevel")
    root = os.path.realpath(top.decode().rstrip("\n"))
    path = os.path.relpath(os.path.realpath(name), root)
    text = decode_utf8(_git(root, environ, "show", f"{revision}:{path}"), name)
    # All of it: the files that a policy names may be anywhere in the repository
    archive = _git(root, environ, "archive", "--format=tar", revision)
    with tempfile.TemporaryDirectory() as made:
        with tarfile.open(fileobj=BytesIO(archive)) as files:
            files.extractall(made, filter="data")
        folder = os.path.dirname(os.path.join(made, path))
        yield Earlier(text, f"{PREFIX}{revision}:{path}", folder)


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
