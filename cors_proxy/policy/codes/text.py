"""E1: files, YAML and variables."""

from typing import Final

from .about import About, Example

ABOUT: Final[dict[str, About]] = {
    "E101": About(
        "The file of the policy does not exist, cannot be opened, is not a regular file, or is larger"
        " than 8 MiB.",
        Example(command="cors-proxy check nowhere.yaml"),
        Example(command="cors-proxy check policy.yaml"),
        "Without a policy nothing is allowed, so the proxy does not start. A reload keeps the old policy.",
    ),
    "E102": About(
        "The file has bytes that are not UTF-8, or a control character.",
        Example("cors:\n  origins: [https://app.example]\x07\n"),
        Example("cors:\n  origins: [https://app.example]\n"),
        "An editor shows such a character as nothing, so two policies that look equal could differ.",
    ),
    "E103": About(
        "The text is not YAML: an unclosed bracket or quote, a tab, or a wrong indentation.",
        Example("cors:\n\torigins: [https://app.example]\n"),
        Example("cors:\n  origins: [https://app.example]\n"),
        "YAML allows only spaces for indentation.",
    ),
    "E104": About(
        "An unquoted `*` begins a value. YAML reads it as the name of an alias.",
        Example("cors:\n  origins: *\n"),
        Example('cors:\n  origins: "*"\n'),
        "In YAML `*name` repeats the value that `&name` marks. In quotes a star is a star.",
    ),
    "E105": About(
        "The policy is empty, or it is a list or a single value.",
        Example("# nothing yet\n", whole=True),
        Example("version: 1\nupstream: http://localhost:3000\n", whole=True),
        "A policy is a mapping of keys to values. `version` and `upstream` are required.",
    ),
    "E106": About(
        "A key is in one mapping twice.",
        Example("cors:\n  methods: [GET]\n  methods: [GET, DELETE]\n"),
        Example("cors:\n  methods: [GET, DELETE]\n"),
        "Many YAML readers silently take the last one, so a line that restricts could have no effect.",
    ),
    "E107": About(
        "The policy is larger than 8 MiB, nested deeper than 32 levels, or has more than 400,000 values"
        " with its aliases expanded.",
        Example("cors: " + "[" * 40 + "]" * 40 + "\n"),
        Example("cors: {origins: [https://app.example]}\n"),
        "A few lines of aliases of aliases can stand for billions of values.",
    ),
    "E108": About(
        "A variable is not set and has no default, or `${` does not begin a variable.",
        Example("cors:\n  origins: ${APP_ORIGIN}\n"),
        Example("cors:\n  origins: ${APP_ORIGIN:-https://app.example}\n"),
        "An empty value in place of the variable could allow more, or less, than you mean. `$$` is one `$`.",
    ),
    "E109": About(
        "The file uses YAML that a policy does not: a second document, a tag such as `!!binary`, or a key"
        " that is a list or mapping.",
        Example("mode: !!str enforce\n---\nmode: report\n"),
        Example("mode: enforce\n"),
        "Such a file can look as if a part counted that is never read.",
    ),
}
