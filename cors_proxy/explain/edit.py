"""Edits the text of a policy.  Everything else in it, comments too, stays byte for byte."""

from dataclasses import dataclass

import yaml

Path = tuple[str | int, ...]


class EditError(Exception):
    """The text has a form that these edits do not cover."""


@dataclass(frozen=True, slots=True)
class Edit:
    """At `path`: `add` entries to a list, or `put` a new value, which is YAML.

    A single value becomes a list.  Where there is no list, the new one begins with `inherited`,
    the entries that applied before.
    """

    path: Path
    add: tuple[str, ...] = ()
    put: str | None = None
    inherited: tuple[str, ...] = ()


def apply(text: str, edit: Edit) -> str:
    """The text with the edit in it.  Raises `EditError`."""
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    if not isinstance(root, yaml.MappingNode):
        raise EditError
    parent, key, found = _walk(root, edit.path)
    value = edit.put if edit.put is not None else flow((*edit.inherited, *edit.add))
    if found is None:
        return _insert(text, parent, key, value)
    if edit.put is not None:
        return _replace(text, found, value)
    if isinstance(found, yaml.ScalarNode):
        return _replace(text, found, f"[{scalar(found.value)}, {', '.join(map(scalar, edit.add))}]")
    if isinstance(found, yaml.MappingNode) and found.flow_style:  # origins: {file: …}
        entry = text[found.start_mark.index : found.end_mark.index]
        return _replace(text, found, f"[{entry}, {', '.join(map(scalar, edit.add))}]")
    if not isinstance(found, yaml.SequenceNode):
        raise EditError
    return _append(text, found, edit.add)


def append_entry(text: str, key: str, entry: str) -> str:
    """`entry`, lines that begin with `- `, at the end of the block list `key` of the top level.

    Raises `EditError` where the list has another form.
    """
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    if not isinstance(root, yaml.MappingNode) or root.flow_style:
        raise EditError
    found = next((value for name, value in root.value if name.value == key), None)
    if found is None:
        return text.rstrip("\n") + f"\n\n{key}:\n" + _indented(entry, 2) + "\n"
    if not isinstance(found, yaml.SequenceNode) or found.flow_style or _ends_in_block_scalar(found):
        raise EditError
    end = text.find("\n", _end(found))
    end = len(text) if end < 0 else end
    return text[:end] + "\n" + _indented(entry, found.start_mark.column) + text[end:]


def _indented(lines: str, columns: int) -> str:
    return "\n".join(" " * columns + line for line in lines.splitlines())


def _walk(root: yaml.MappingNode, path: Path) -> tuple[yaml.MappingNode, Path, yaml.Node | None]:
    """The innermost mapping on the path, the keys below it, and the node there (None if absent)."""
    node: yaml.Node = root
    for depth, key in enumerate(path):
        if isinstance(node, yaml.SequenceNode) and isinstance(key, int):
            node = node.value[key]
            continue
        if not isinstance(node, yaml.MappingNode):
            raise EditError
        found = next((value for name, value in node.value if name.value == key), None)
        if found is None:
            return node, path[depth:], None
        if depth == len(path) - 1:
            return node, (key,), found
        node = found
    raise EditError


def _insert(text: str, mapping: yaml.MappingNode, keys: Path, value: str) -> str:
    *parents, last = map(str, keys)
    start = mapping.start_mark
    if mapping.flow_style:
        entry = f"{last}: {value}"
        for name in reversed(parents):
            entry = f"{name}: {{{entry}}}"
        at = start.index + 1
        return text[:at] + entry + (", " if mapping.value else "") + text[at:]
    lines = [f"{name}:" for name in parents] + [f"{last}: {value}"]
    block = "".join(" " * (start.column + 2 * depth) + line + "\n" for depth, line in enumerate(lines))
    # PyYAML does not report where a block scalar ends.  The place before the first key is known.
    if _ends_in_block_scalar(mapping):
        return text[: start.index] + block.lstrip(" ") + " " * start.column + text[start.index :]
    end = text.find("\n", _end(mapping))
    return text[:end] + "\n" + block.rstrip("\n") + text[end:] if end >= 0 else text + "\n" + block


def _replace(text: str, node: yaml.Node, value: str) -> str:
    start, end = node.start_mark.index, node.end_mark.index
    if isinstance(node, yaml.CollectionNode) and not node.flow_style:
        end = _end(node)
        start = text.rindex(":", 0, start) + 1
        return text[:start] + " " + value + text[end:]
    return text[:start] + value + text[end:]


def _last(node: yaml.Node) -> yaml.Node:
    """The last node inside nested block collections."""
    while isinstance(node, yaml.CollectionNode) and not node.flow_style:
        last = node.value[-1]
        node = last[1] if isinstance(last, tuple) else last
    return node


def _end(node: yaml.Node) -> int:
    """Where the text of a node ends.

    PyYAML ends a block collection where the next token begins, after comments, so its last node tells.
    """
    return int(_last(node).end_mark.index)


def _ends_in_block_scalar(node: yaml.Node) -> bool:
    return getattr(_last(node), "style", None) in ("|", ">")


def _append(text: str, sequence: yaml.SequenceNode, entries: tuple[str, ...]) -> str:
    if sequence.flow_style:
        at = sequence.end_mark.index - 1
        body = text[sequence.start_mark.index + 1 : at].rstrip()
        at = sequence.start_mark.index + 1 + len(body)
        before = ", " if body and not body.endswith(",") else " " if body else ""
        return text[:at] + before + ", ".join(map(scalar, entries)) + text[at:]
    last = _end(sequence.value[-1])
    end = text.find("\n", last)
    end = len(text) if end < 0 else end
    indent = " " * sequence.start_mark.column
    return text[:end] + "".join(f"\n{indent}- {scalar(entry)}" for entry in entries) + text[end:]


def flow(entries: tuple[str, ...]) -> str:
    """A flow sequence: `[a, b]`."""
    return f"[{', '.join(map(scalar, entries))}]"


def scalar(value: str) -> str:
    """The value as YAML: unquoted where that is safe, even in a flow list."""
    unquoted = (
        value[:1].isalnum()
        and not any(character in "[]{},#&*!|>'\"%@`\\$ " for character in value)
        and not value.endswith(":")
    )
    return (
        value
        if unquoted and ": " not in value
        else '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    )
