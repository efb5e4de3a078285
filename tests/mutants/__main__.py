"""`python -m tests.mutants [NAME…]`: removes each rule from a copy of the tree; its tests must
fail."""

import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from tests.mutants.rules import FUZZED, RULES, Mutant

SECONDS = 900  # for the tests of one rule; all of tests/proxy take about 200
ROOT = Path(__file__).resolve().parents[2]


def in_order(mutant: Mutant) -> list[str]:
    """The arguments of pytest: the module's own tests first, which most likely fail."""
    own = Path("tests", mutant.file)
    first = own.with_name(f"test_{own.name}")
    tests = mutant.tests.split()
    inside = any(first.is_relative_to(folder) and Path(folder) != first for folder in tests)
    return [str(first), *tests] if inside and (ROOT / first).exists() else tests


class Outcome(NamedTuple):
    """`fault`: why a mutant is a problem, as it lives or cannot be made; `failed`: the first test
    that failed."""

    fault: str = ""
    failed: str = ""


def outcome(mutant: Mutant) -> Outcome:
    """What the tests say of a copy without this rule."""
    with tempfile.TemporaryDirectory() as folder:
        for part in ("cors_proxy", "tests", "config"):
            shutil.copytree(
                ROOT / part, Path(folder, part), ignore=shutil.ignore_patterns("__pycache__", "*.so")
            )
        shutil.copy(ROOT / "pyproject.toml", folder)
        file = Path(folder, "cors_proxy", mutant.file)
        text = file.read_text("utf-8")
        if text.count(mutant.old) != 1:
            return Outcome(fault=f"its text occurs {text.count(mutant.old)} times in {mutant.file}")
        file.write_text(text.replace(mutant.old, mutant.new), "utf-8")
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-x",
            "-q",
            "-p",
            "no:cacheprovider",
            *in_order(mutant),
        ]
        try:
            done = subprocess.run(
                command,
                cwd=folder,
                capture_output=True,
                text=True,
                env={**os.environ, "PYTHONPATH": folder},
                check=False,
                timeout=SECONDS,
            )
        except subprocess.TimeoutExpired:  # a rule may be all that ends a wait
            return Outcome(failed=f"not over after {SECONDS} s")
    if done.returncode != 1:
        return Outcome(fault=f"{mutant.tests} ends with {done.returncode}")
    failed = next((line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))), "")
    return Outcome(failed=failed.partition(" ")[2].partition(" - ")[0])


def main() -> int:
    names = sys.argv[1:]
    unknown = set(names).difference(mutant.name for mutant in [*RULES, *FUZZED])
    if unknown:
        sys.exit(f"no rule is named {', '.join(sorted(unknown))}")
    chosen = [mutant for mutant in [*RULES, *FUZZED] if not names or mutant.name in names]
    lives = 0
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for mutant, (fault, failed) in zip(chosen, pool.map(outcome, chosen), strict=True):
            print(f"{'LIVES ' + fault if fault else 'found'}: {mutant.name}  {failed}".rstrip(), flush=True)
            lives += bool(fault)
    print(f"{len(chosen) - lives} passed, {lives} failed")
    return 1 if lives else 0


if __name__ == "__main__":
    sys.exit(main())
