"""`--print-completion`: scripts for bash, zsh and fish, made from the parser itself.

bash:  eval "$(cors-proxy --print-completion bash)"   in ~/.bashrc
zsh:   cors-proxy --print-completion zsh > DIR/_cors-proxy   in a directory of $fpath
fish:  cors-proxy --print-completion fish > ~/.config/fish/completions/cors-proxy.fish
"""

import argparse
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

_FILES: Final = ("FILE", "CASES.yaml", "DIR", "OLD", "NEW")  # metavars of arguments that name files


@dataclass(frozen=True, slots=True)
class Option:
    """An option: `choices` and `file` say what its value may be."""

    names: tuple[str, ...]
    help: str
    takes_value: bool
    choices: tuple[str, ...]
    file: bool


@dataclass(frozen=True, slots=True)
class Verb:
    """A verb; `file` is whether it has an argument that names a file."""

    name: str
    help: str
    options: tuple[Option, ...]
    file: bool


def script(shell: str, parser: argparse.ArgumentParser) -> str:
    """The script for one of the shells.  `parser` has the options of every verb."""
    top, verbs = tuple(_options(parser)), tuple(verbs_of(parser))
    return {"bash": _bash, "zsh": _zsh, "fish": _fish}[shell](top, verbs)


def verbs_of(parser: argparse.ArgumentParser) -> Iterator[Verb]:
    # argparse has no public way to list what a parser knows.
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            helps = {choice.dest: choice.help or "" for choice in action._choices_actions}
            for name, sub in action.choices.items():
                positional = [each for each in sub._actions if not each.option_strings]
                yield Verb(name, helps[name], tuple(_options(sub)), any(map(_names_file, positional)))


def _options(parser: argparse.ArgumentParser) -> Iterator[Option]:
    for action in parser._actions:
        if action.option_strings:
            yield Option(
                names=tuple(action.option_strings),
                help=expand_help(action),
                takes_value=action.nargs != 0,
                choices=tuple(map(str, action.choices or ())),
                file=_names_file(action),
            )


def expand_help(action: argparse.Action) -> str:
    """The help of an option, with its default in place of `%(default)s`."""
    return (action.help or "") % {**vars(action), "prog": "cors-proxy"}


def _names_file(action: argparse.Action) -> bool:
    return action.metavar in _FILES


def _summary(text: str) -> str:
    """The first clause of a help text, for a menu."""
    return text.partition(";")[0].partition(":")[0]


def _names(options: Iterable[Option]) -> str:
    return " ".join(name for option in options for name in option.names)


_BASH: Final = """\
_cors_proxy() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} verb= word
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        case $word in
            %(verbs)s) verb=$word; break;;
        esac
    done
    COMPREPLY=()
    case $verb,$prev in
%(values)s    esac
    local words file=
    case $verb in
        '') words='%(top)s';;
%(words)s    esac
    if [[ $file && $cur != -* ]]; then
        compopt -o filenames 2>/dev/null
        mapfile -t COMPREPLY < <(compgen -f -- "$cur")
    else
        mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
    fi
}
complete -F _cors_proxy cors-proxy
"""


def _bash(top: tuple[Option, ...], verbs: tuple[Verb, ...]) -> str:
    values, words = [], []
    for verb, options in [("", top), *((verb.name, verb.options) for verb in verbs)]:
        for option in options:
            if option.takes_value:
                when = "|".join(f"{verb},{name}" for name in option.names)
                then = f"mapfile -t COMPREPLY < <(compgen -W '{' '.join(option.choices)}' -- \"$cur\"); "
                if option.file:
                    then = (
                        'compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$cur"); '
                    )
                values.append(f"        {when}) {then if option.file or option.choices else ''}return;;\n")
    for each in verbs:
        words.append(
            f"        {each.name}) words='{_names(each.options)}'{' file=1' if each.file else ''};;\n"
        )
    names = [verb.name for verb in verbs]
    return _BASH % {
        "verbs": "|".join(names),
        "values": "".join(values),
        "top": f"{' '.join(names)} {_names(top)}",
        "words": "".join(words),
    }


_ZSH: Final = """\
#compdef cors-proxy
_cors_proxy() {
    local context state state_descr line
    typeset -A opt_args
    local -a verbs
    verbs=(
%(verbs)s    )
    _arguments -C \\
%(top)s        '1:verb:->verb' '*::argument:->arguments' && return
    case $state in
        verb) _describe verb verbs;;
        arguments)
            case $line[1] in
%(cases)s            esac;;
    esac
}
if [[ $funcstack[1] == _cors-proxy ]]; then _cors_proxy "$@"; else compdef _cors_proxy cors-proxy; fi
"""


def _zsh(top: tuple[Option, ...], verbs: tuple[Verb, ...]) -> str:
    def specs(options: tuple[Option, ...], indent: str) -> str:
        return "".join(
            f"{indent}{_single(_zsh_spec(option, name))} \\\n" for option in options for name in option.names
        )

    cases = []
    for verb in verbs:
        files = "'*:file:_files'" if verb.file else "'*: :'"
        indent = " " * 20
        head = f"{' ' * 16}{verb.name}) _arguments \\\n"
        cases.append(f"{head}{specs(verb.options, indent)}{indent}{files};;\n")
    listed = (_single(f"{verb.name}:{verb.help}") for verb in verbs)
    return _ZSH % {
        "verbs": "".join(f"        {each}\n" for each in listed),
        "top": specs(top, " " * 8),
        "cases": "".join(cases),
    }


def _zsh_spec(option: Option, name: str) -> str:
    text = _summary(option.help).replace("[", "(").replace("]", ")")
    value = ""
    if option.takes_value:
        action = "_files" if option.file else f"({' '.join(option.choices)})" if option.choices else " "
        value = f":value:{action}"
    return f"*{name}[{text}]{value}"


def _fish(top: tuple[Option, ...], verbs: tuple[Verb, ...]) -> str:
    lines = ["complete -c cors-proxy -f"]
    for verb in verbs:
        lines.append(
            f"complete -c cors-proxy -n __fish_use_subcommand -a {verb.name} -d {_fish_quoted(verb.help)}"
        )
    groups = [("__fish_use_subcommand", top, False)]
    groups += [(f"__fish_seen_subcommand_from {verb.name}", verb.options, verb.file) for verb in verbs]
    for condition, options, file in groups:
        when = f"complete -c cors-proxy -n {_fish_quoted(condition)}"
        lines += [f"{when} {_fish_option(option)}" for option in options]
        if file:
            lines.append(f"{when} -F")
    return "\n".join(lines) + "\n"


def _fish_option(option: Option) -> str:
    words = [f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in option.names]
    if option.takes_value:
        words.append("-r -F" if option.file else "-x")
    if option.choices:
        words.append(f"-a {_fish_quoted(' '.join(option.choices))}")
    return " ".join([*words, f"-d {_fish_quoted(_summary(option.help))}"])


def _single(text: str) -> str:
    """A word of bash or zsh."""
    return "'" + text.replace("'", "'\\''") + "'"


def _fish_quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
