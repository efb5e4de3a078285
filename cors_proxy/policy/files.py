"""Files that a policy names, and the policy itself: bytes and UTF-8 text, bounded in size."""

import os
import stat

from ..cors.place import Place
from .problems import PolicyProblems, Problem

MAX_BYTES = 8 << 20


def read_file(name: str) -> bytes:
    """The bytes of a regular file of at most `MAX_BYTES`; reading a pipe might never end.

    Raises OSError, or ValueError with the reason.  `reason` puts both into words.
    """
    status = os.stat(name)
    if not stat.S_ISREG(status.st_mode):
        raise ValueError("not a regular file")
    if status.st_size > MAX_BYTES:
        raise ValueError(f"larger than {MAX_BYTES >> 20} MiB")
    with open(name, "rb") as file:
        return file.read()


def reason(error: OSError | ValueError) -> str:
    """Why `read_file` failed, without the file's name: the message has it already."""
    return error.strerror if isinstance(error, OSError) and error.strerror else str(error)


def decode_utf8(data: bytes, name: str) -> str:
    """The text of a file, without its byte order mark.

    Raises `PolicyProblems` with the place of the first byte that is not UTF-8.
    """
    try:
        return data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        place = place_of_offset(data[: error.start].decode("utf-8", "replace"), name)
        message = f"byte 0x{data[error.start]:02x} is not UTF-8"
        raise PolicyProblems([Problem(place, "E102", message, "save the file as UTF-8")]) from None


def place_of_offset(before: str, name: str) -> Place:
    """The place behind the text `before`, which is the beginning of the file `name`."""
    return Place(name, before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1)
