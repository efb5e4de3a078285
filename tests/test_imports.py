"""The house's walls: imports run one way, the core is pure, and what holds logic has a test of its own name."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = [
    "cors",
    "partition",
    "policy",
    "proxy",
    "engines",
    "explain",
    "learn",
    "change",
    "operate",
    "cli",
]  # each imports those before it
MODULES = sorted((ROOT / "cors_proxy").rglob("*.py"))
IMPURE = {
    "asyncio",
    "logging",
    "time",
    "datetime",
    "os",
    "io",
    "pathlib",
    "random",
    "secrets",
    "socket",
    "ssl",
    "subprocess",
    "threading",
    "urllib",
    "http",
}


def names(path: Path) -> list[str]:
    return list(path.relative_to(ROOT).with_suffix("").parts)


def imported(path: Path) -> Iterator[str]:
    """The full names of all modules that a file imports."""
    package = names(path)[:-1]
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            yield from (f"{module}.{alias.name}" for alias in node.names)


def room(name: str) -> str:
    parts = name.split(".")
    return parts[1] if len(parts) > 2 and parts[0] == "cors_proxy" and parts[1] in ROOMS else ""


@pytest.mark.parametrize("path", MODULES, ids=[".".join(names(path)) for path in MODULES])
def test_imports_run_one_way(path: Path) -> None:
    own = names(path)[1]
    if own not in ROOMS:
        return
    allowed = ROOMS[: ROOMS.index(own) + 1]
    wrong = [name for name in imported(path) if room(name) and room(name) not in allowed]
    assert not wrong


@pytest.mark.parametrize(
    "folder",
    sorted({path.parent for path in MODULES} - {ROOT / "cors_proxy"}),
    ids=lambda path: "/".join(path.relative_to(ROOT).parts),
)
def test_a_room_is_on_its_map_and_imports_run_down_it(folder: Path) -> None:
    """The map is the docstring of the room: every module has its line, and imports only modules below."""
    modules = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    room_map = ast.get_docstring(ast.parse((folder / "__init__.py").read_text("utf-8"))) or ""
    listed = re.findall(r"\b(\w+)\.py\b", room_map)
    assert sorted(listed) == sorted(modules)
    package = ".".join(names(folder))
    for place, module in enumerate(listed):
        wrong = {
            found
            for name in imported(folder / f"{module}.py")
            for found in [name.removeprefix(f"{package}.").split(".")[0]]
            if name.startswith(f"{package}.") and found in modules and found not in listed[place + 1 :]
        }
        assert not wrong, f"{module}.py stands above what it imports, on the map of {package}"


@pytest.mark.parametrize(
    "path", [path for path in MODULES if names(path)[1] == "cors"], ids=lambda path: path.stem
)
def test_the_core_is_pure(path: Path) -> None:
    roots = {name.split(".")[0] for name in imported(path)} - {"cors_proxy"}
    assert roots <= set(sys.stdlib_module_names)
    assert not roots & IMPURE
    assert not {node.func.id for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node,
    ast.Call) and isinstance(node.func, ast.Name)} & {
        "open", "print", "input", "exec", "eval",
    }  # fmt: skip


def holds_logic(path: Path) -> bool:
    """Whether a module decides anything: a function that is more than a text of its fields."""
    functions = [
        node
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    return any(function.name != "__str__" and not protocol(function) for function in functions)


def protocol(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """A signature without a body, or with one that only says so."""
    return all(
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        or isinstance(node, ast.Raise)
        and ast.unparse(node) == "raise NotImplementedError"
        for node in function.body
    )


@pytest.mark.parametrize(
    "path",
    [path for path in MODULES if holds_logic(path)],
    ids=[".".join(names(path)) for path in MODULES if holds_logic(path)],
)
def test_what_holds_logic_has_its_test(path: Path) -> None:
    _, *folders, stem = names(path)
    if not folders:
        return  # cors_proxy/__main__.py: tested as a process
    assert (ROOT / "tests" / Path(*folders) / f"test_{stem}.py").exists()


def test_compiled_classes_inherit_from_known_ones() -> None:
    """mypyc does not see the packages of a build, and gives what inherits from them a wrong layout."""
    setup = ast.parse((ROOT / "setup.py").read_text("utf-8"))
    (table,) = (
        node.value
        for node in ast.walk(setup)
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "COMPILED"
    )
    compiled = [
        ROOT / folder / f"{stem}.py"
        for folder, stems in ast.literal_eval(table).items()
        for stem in stems.split()
    ]
    known = {*sys.stdlib_module_names, "cors_proxy"}
    for path in compiled:
        for base in _bases(path):
            origins = {name for name in imported(path) if name.rpartition(".")[2] == base.partition(".")[0]}
            assert {name.partition(".")[0] for name in origins} <= known, (path.stem, base)


def _bases(path: Path) -> Iterator[str]:
    """As they are written: `web.Server`."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ClassDef):
            yield from (ast.unparse(base) for base in node.bases)
