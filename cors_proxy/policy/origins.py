"""Lists of origins: exact ones, patterns, `null`, `"*"` and `{file: …}`; each entry has its own place, hints show what browsers send."""

import os
import re
import stat
from dataclasses import dataclass
from typing import Any

from ..cors.pattern import PatternError, parse_pattern
from ..cors.place import Place
from ..cors.spec import OriginRule
from .addresses import ascii_name, split_port
from .nodes import MAX_BYTES, Mapping, Node, Scalar, Sequence, decode_utf8
from .problems import PolicyProblems, quote
from .scalars import nearest
from .types import MISSING, Reader, Schema, describe

STAR, NULL = "*", "null"


@dataclass(frozen=True, slots=True)
class Origins:
    """A list of origins, or one; decodes to a tuple of `OriginRule`.  Without `patterns` each is exact, and neither `*` nor `null`."""

    shown: str
    star: bool = False
    patterns: bool = True
    files: bool = False
    https: bool = False
    empty: str = ""  # what an empty list would mean, if it is refused

    def decode(self, node: Node, at: str, reader: Reader) -> Any:
        nodes = node.items if isinstance(node, Sequence) else [node]
        entries = [
            self._entry(entry, f"{at}[{i}]" if isinstance(node, Sequence) else at, reader)
            for i, entry in enumerate(nodes)
        ]
        rules = tuple(rule for entry in entries if entry is not None for rule in entry)
        if rules or (not self.empty and None not in entries):
            return rules
        if None not in entries:
            reader.found.add(
                node.place,
                "E205",
                f"{at}: an empty list {self.empty}",
                "leave the key out, or name at least one",
            )
        return MISSING

    def _entry(self, node: Node, at: str, reader: Reader) -> list[OriginRule] | None:
        """The rules of one entry; None where something is wrong with it."""
        if isinstance(node, Mapping) and self.files:
            return self._file(node, at, reader)
        if isinstance(node, Scalar) and node.broken:
            return None
        if not isinstance(node, Scalar) or node.nothing:
            reader.found.add(node.place, "E203", f"{at}: expected {self.shown}, got {describe(node)}")
            return None
        rule = self._rule(node.text, node.place, at, reader)
        return [rule] if rule else None

    def _rule(self, text: str, place: Place, at: str, reader: Reader) -> OriginRule | None:
        if text == STAR and not self.star:
            meant = "an exact origin" if not self.patterns else "origins, never all of them"
            reader.found.add(place, "E303", f'{at}: "*" cannot stand here: {meant}')
            return None
        if text == NULL and not self.patterns:
            reader.found.add(place, "E303", f"{at}: null cannot stand here: expected an exact origin")
            return None
        try:
            pattern = parse_pattern(text)
        except PatternError as error:
            hint = f"write {right}" if (right := correct(text)) else ""
            if len(re.split(r"[,\s]+", text.strip())) > 1:
                hint = "write each origin as an entry of its own"
            reader.found.add(
                place, "E302" if STAR in text else "E301", f"{at}: {quote(text)}: {error.message}", hint
            )
            return None
        if STAR in text and text != STAR and not self.patterns:
            reader.found.add(
                place,
                "E303",
                f"{at}: {quote(text)} is a pattern: expected an exact origin",
                "name each origin",
            )
            return None
        if self.https and not text.startswith("https://"):
            right = "https://" + text.partition("://")[2]
            reader.found.add(
                place, "E301", f"{at}: {quote(text)}: a publisher is an https origin", f"write {right}"
            )
            return None
        return OriginRule(pattern, place)

    def _file(self, node: Mapping, at: str, reader: Reader) -> list[OriginRule] | None:
        path: Scalar | None = None
        for key, value in node.entries:
            if key.text != "file":
                guess = nearest(key.text, ("file",))
                reader.found.add(
                    key.place,
                    "E201",
                    f"{at}: unknown key {quote(key.text)}",
                    f"write {guess}:" if guess else "known here: file",
                )
            elif isinstance(value, Scalar) and not value.nothing:
                path = value
            else:
                reader.found.add(
                    value.place, "E203", f"{at}.file: expected the path of a file, got {describe(value)}"
                )
        if not node.entries:
            reader.found.add(node.place, "E202", f"{at}: the key file is missing", "add file: origins.txt")
        if path is None or path.broken:
            return None
        if not path.text.isprintable():
            reader.found.add(
                path.place, "E204", f"{at}.file: expected the path of a file, got {quote(path.text)}"
            )
            return None
        name = os.path.join(reader.folder, path.text)
        if name not in reader.lists:
            reader.lists[name] = self._read(name, path, at, reader)
        if reader.lists[name] is None:
            return None
        rules = [self._rule(text, place, f"{at} ({path.text})", reader) for text, place in reader.lists[name]]
        return None if None in rules else [rule for rule in rules if rule]

    def _read(self, name: str, path: Scalar, at: str, reader: Reader) -> list[tuple[str, Place]] | None:
        """The entries of a file, one a line (blank lines and lines that begin with `#` are none); None where it cannot be read."""
        try:
            reader.files.append(name)
            lines = decode_utf8(read_file(name), name).split("\n")
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            reader.found.add(
                path.place,
                "E305",
                f"{at}.file: cannot read {quote(path.text)}: {reason}",
                f"looked for {quote(name, 200)}",
            )
            return None
        except PolicyProblems as error:
            for problem in error.problems:
                reader.found.add(problem.place, problem.code, problem.message, problem.hint)
            return None
        stripped = [(line.removesuffix("\r"), number) for number, line in enumerate(lines, 1)]
        return [
            (text, Place(name, number, 1))
            for text, number in stripped
            if text.strip() and not text.startswith("#")
        ]

    def schema(self) -> Schema:
        one: Schema = {"type": ["string", "null"] if self.patterns else "string"}
        if self.files:
            file: Schema = {
                "type": "object",
                "additionalProperties": False,
                "required": ["file"],
                "properties": {
                    "file": {
                        "type": "string",
                        "description": "A file with one origin or pattern a line, relative to the policy.",
                    }
                },
            }
            one = {"anyOf": [one, file]}
        return {"anyOf": [one, {"type": "array", "items": one, **({"minItems": 1} if self.empty else {})}]}


def read_file(name: str) -> bytes:
    """The bytes of a regular file (a pipe would never end).  Raises OSError, or ValueError with the reason."""
    found = os.stat(name)
    if not stat.S_ISREG(found.st_mode):
        raise ValueError("not a regular file")
    if found.st_size > MAX_BYTES:
        raise ValueError(f"larger than {MAX_BYTES >> 20} MiB")
    with open(name, "rb") as file:
        return file.read()


def correct(text: str) -> str:
    """The form in which a browser sends what was probably meant, or nothing."""
    candidate = re.sub(r"^(https?):/?(?=[^/])", r"\1://", text.strip(), flags=re.I)
    if candidate.lower() == NULL:
        return NULL
    if not candidate.isascii():
        scheme, mark, rest = candidate.partition("://")
        head = (scheme + mark) if mark else ""
        authority, slash, path = (rest if mark else candidate).partition("/")
        user, at, where = authority.rpartition("@")
        name, number = split_port(where)
        ascii_host = ascii_name(name)
        if not ascii_host:
            return ""
        candidate = f"{head}{ascii_host}{number}"
    for _ in range(3):
        try:
            parse_pattern(candidate)
        except PatternError as error:
            if not error.suggestion or error.suggestion == candidate:
                return ""
            candidate = error.suggestion
        else:
            return candidate if candidate != text else ""
    return ""
