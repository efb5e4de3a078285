"""The quoting of Windows: “Copy as cURL (cmd)”.

First cmd.exe removes its carets, then the program splits what is left into arguments:
https://learn.microsoft.com/en-us/cpp/c-language/parsing-c-command-line-arguments
"""


def is_cmd(command: str) -> bool:
    """Whether a command is quoted for cmd.exe: a caret before a quote or at the end of a line."""
    return '^"' in command or "^\n" in command.replace("\r\n", "\n")


def split_cmd(command: str) -> list[str]:
    """Raises ValueError where a quote is not closed."""
    return _split(_without_carets(command.replace("\r\n", "\n")))


def _without_carets(command: str) -> str:
    """A caret escapes the next character, and joins lines; inside bare quotes it is a character."""
    parts: list[str] = []
    quoted = False
    characters = iter(command)
    for character in characters:
        if character == "^" and not quoted:
            escaped = next(characters, "")
            if escaped == "\n":
                # cmd.exe escapes the first character of the next line: an empty line is a line end.
                escaped = next(characters, "")
            parts.append(escaped)
            continue
        quoted ^= character == '"'
        parts.append(character)
    return "".join(parts)


def _split(line: str) -> list[str]:
    words: list[str] = []
    word: list[str] | None = None
    quoted = False
    at = 0
    while at < len(line):
        character = line[at]
        if character in " \t\n" and not quoted:
            if word is not None:
                words.append("".join(word))
            word = None
            at += 1
            continue
        word = [] if word is None else word
        if character == "\\":
            end = at
            while line[end : end + 1] == "\\":
                end += 1
            count, at = end - at, end
            if line[at : at + 1] != '"':
                word.append("\\" * count)
                continue
            # Before a quote, two backslashes are one, and a single one makes the quote a character.
            word.append("\\" * (count // 2))
            if count % 2:
                word.append('"')
                at += 1
            continue
        if character == '"':
            if quoted and line[at + 1 : at + 2] == '"':
                word.append('"')
                at += 1
            else:
                quoted = not quoted
        else:
            word.append(character)
        at += 1
    if quoted:
        raise ValueError("a quote is not closed")
    return words if word is None else [*words, "".join(word)]
