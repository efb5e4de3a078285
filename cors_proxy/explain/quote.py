"""The text at a place: a line of the policy, or of a file that it names."""

from ..cors.place import Place
from ..policy.files import decode_utf8, read_file
from ..policy.problems import PolicyProblems
from .change import PolicyText


class PolicyQuote:
    """Reads each file once.  `source` is the policy, None where only its files can be read."""

    def __init__(self, source: PolicyText | None) -> None:
        self._files: dict[str, list[str]] = {} if source is None else {source.name: source.text.splitlines()}

    def __call__(self, place: Place) -> str:
        """The line without surrounding white space, "" where the file cannot be read."""
        if place.file not in self._files:
            try:
                self._files[place.file] = decode_utf8(read_file(place.file), place.file).splitlines()
            except (OSError, ValueError, PolicyProblems):
                self._files[place.file] = []
        lines = self._files[place.file]
        return lines[place.line - 1].strip() if 0 < place.line <= len(lines) else ""
