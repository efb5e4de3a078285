"""Output to a pipe whose reader has left, as in `cors-proxy check --explain E301 | head -1`.

The rest of the output is dropped, and the verb still ends with its own exit code.  SIGPIPE would
end the process instead, and it would do that for a closed connection too.
"""

import io
import os
import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_STREAMS: Final = {"stdout": 1, "stderr": 2}


class _Pipe(io.FileIO):
    def write(self, data: "ReadableBuffer", /) -> int:
        try:
            return super().write(data)
        except BrokenPipeError:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self.fileno())
            os.close(nowhere)
            return super().write(data)


def install() -> None:
    """Replaces stdout and stderr, where they are no terminals."""
    for name, descriptor in _STREAMS.items():
        stream = getattr(sys, name)
        if isinstance(stream, io.TextIOWrapper) and not stream.isatty():
            stream.flush()
            quiet = io.TextIOWrapper(
                io.BufferedWriter(_Pipe(descriptor, "w", closefd=False)),
                encoding=stream.encoding,
                errors=stream.errors,
                line_buffering=stream.line_buffering,
                write_through=stream.write_through,
            )
            setattr(sys, name, quiet)
