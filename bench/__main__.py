"""`python -m bench [--rounds 3] [--seconds 3] [--subjects a,b] [--works x,y] [--against DIR]
[--peers DIR] [--output FILE] [--json FILE] [--readme]`

Starts the upstream and the subjects, checks that they answer alike, measures them in turns, and
prints the tables."""

import argparse
import contextlib
import datetime
import functools
import json
import os
import resource
import signal
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import NoReturn

from bench import peers, readme, upstream
from bench.check import await_answer, check, check_upstream
from bench.figures import Figures
from bench.measure import load_seconds, measure, memory
from bench.process import BenchError, cores, wait_ready
from bench.subjects import SUBJECTS, Running, Subject, certificate, chosen, chosen_works, compared, start
from bench.table import document
from bench.works import FILES, WORKS, Work


def bench(subjects: list[Subject], works: list[Work], rounds: int, seconds: float) -> Figures:
    core, other = cores()
    os.sched_setaffinity(0, {other})  # the bench, and all that it starts without a core of its own
    resource.setrlimit(resource.RLIMIT_NOFILE, (FILES, FILES))
    figures = Figures()
    memory_backed = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with (
        tempfile.TemporaryDirectory(prefix="bench-", dir=memory_backed) as name,
        contextlib.ExitStack() as stack,
    ):
        folder = Path(name)
        certificate(folder)
        api = stack.enter_context(upstream.start(other, folder))
        check_upstream(api, WORKS["upload"])
        at_work: list[Running] = []
        for subject in subjects:
            say(f"starting {subject.title}")
            starting = functools.partial(start, subject, api, (core, other), folder, upstream.user())
            taken = []
            for _ in range(rounds - 1):
                with starting() as once:
                    taken.append(await_answer(once))
            each = stack.enter_context(starting())
            taken.append(await_answer(each))
            if subject.ours:
                wait_ready(each.admin)
            at_work.append(each)
            figures.memory[subject.name] = memory(each, statistics.median(taken))
            if subject.name in ("ours", "ours-many"):
                figures.loads[subject.name] = load_seconds(folder, f"{subject.name}.yaml")
            for work in filter(subject.does, works):
                check(each, work, api)
        for number in range(rounds):
            first = number % len(
                at_work
                # A round begins with another subject each time, so that none always runs after a
                # pause.
            )
            for work in works:
                for each in at_work[first:] + at_work[:first]:
                    if each.subject.does(work):
                        figure = measure(each, work, seconds, api, folder)
                        figures.add(number, work.name, each.subject.name, figure)
                        said = f"{figure.cpu:8.1f} µs {figure.rate:10,.0f}/s  {figure.trouble}"
                        say(f"round {number + 1} of {rounds}: {work.name:18} {each.subject.name:10} {said}")
    return figures


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _end(number: int, frame: object) -> NoReturn:
    sys.exit(128 + number)  # SystemExit ends every child on its way


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m bench", description="CPU per request of cors-proxy and of its peers"
    )
    parser.add_argument("--rounds", type=int, default=3, help="default 3")
    parser.add_argument("--seconds", type=int, default=3, help="of each measurement; default 3")
    parser.add_argument(
        "--subjects", default="", metavar="A,B", help=f"of {', '.join(SUBJECTS)}; default all"
    )
    parser.add_argument("--works", default="", metavar="X,Y", help=f"of {', '.join(WORKS)}; default all")
    other = "another checkout of ours, with its .venv: now to before; no peers unless named"
    parser.add_argument("--against", type=Path, metavar="DIR", help=other)
    parser.add_argument("--peers", type=Path, metavar="DIR", help="where they are installed; default .bench")
    parser.add_argument("--output", type=Path, metavar="FILE", help="the tables, as Markdown")
    parser.add_argument("--json", type=Path, metavar="FILE", help="each round's figures")
    parser.add_argument(
        "--readme",
        action="store_true",
        help="put the tables into bench/README.md, and the shortest into README.md",
    )
    options = parser.parse_args()
    if options.peers:
        os.environ[peers.PLACE] = str(options.peers.resolve())
    try:
        subjects, works = chosen(options.subjects), chosen_works(options.works)
        if options.against:
            builds = compared(options.against)
            ours = {subject.name for subject in builds}
            others = [subject for subject in subjects if subject.name not in ours] if options.subjects else []
            subjects = [*builds, *others]
        subjects = [subject for subject in subjects if any(map(subject.does, works))]
    except KeyError as unknown:
        parser.error(f"there is no {unknown}")
    except BenchError as why:
        parser.error(str(why))
    signal.signal(signal.SIGTERM, _end)
    began = time.monotonic()
    try:
        versions = peers.versions(
            {"cors-proxy", "nginx", "wrk", *(subject.program for subject in subjects)}, options.against
        )
        figures = bench(subjects, works, options.rounds, options.seconds)
    except BenchError as why:
        say(f"bench: {why}")
        return 1
    except KeyboardInterrupt:
        return 130
    minutes = (time.monotonic() - began) / 60
    took = f"rounds: {options.rounds}, of {options.seconds} s each; {minutes:.0f} minutes in all"
    facts = [("date", datetime.date.today().isoformat()), ("run", took), *versions]
    table = document(figures, facts)
    print(table)
    if options.output:
        options.output.write_text(table)
    if options.json:
        options.json.write_text(json.dumps({"facts": facts, **figures.plain()}, indent=1) + "\n")
    if options.readme:
        readme.write(figures, table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
