"""The subjects that are measured, each with the same policy in its own configuration."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from bench import policy
from bench.peers import CONF, NODE, program
from bench.process import BenchError, free_ports, running, wait_ready
from bench.works import ALL, MAIN, OURS, WORKS, Work


@dataclass(frozen=True)
class Subject:
    """`words` are the program's arguments; `{config}` is the file made from conf/`template`.

    `logs`: the access log is on. `kinds` are those of works: `Work.who`."""

    name: str
    title: str
    program: str
    template: str
    words: tuple[str, ...]
    size: policy.Size | None = None
    workers: int = 1
    logs: bool = False
    preflight: int = 204
    kinds: frozenset[str] = frozenset({ALL})
    environ: dict[str, str] = field(default_factory=dict)

    @property
    def ours(self) -> bool:
        return self.size is not None

    def does(self, work: Work) -> bool:
        return work.who in self.kinds

    def status(self, work: Work) -> int:
        """The expected status. The peers do not refuse: they forward, and leave the grant out."""
        if work.refused:
            return 403 if self.ours else 200
        return self.preflight if work.preflight else work.status

    def forwards(self, work: Work) -> bool:
        return work.upstream or (work.refused and not self.ours)


@dataclass(frozen=True)
class Running:
    """A running subject: `started` is in seconds, `log` its access log if it has one."""

    subject: Subject
    pid: int
    core: int
    port: int
    started: float
    log: Path


BOTH, EVERY = frozenset({ALL, MAIN}), frozenset({ALL, MAIN, OURS})


def _ours(name: str, title: str, **keys: object) -> Subject:
    given = {"size": policy.ONE, **keys}
    return Subject(name, title, "cors-proxy", "policy.yaml", ("run", "-c", "{config}"), **given)  # type: ignore[arg-type]


def _envoy(name: str, title: str, kinds: frozenset[str] = BOTH, logs: bool = False) -> Subject:
    words = ("-c", "{config}", "--concurrency", "1", "--disable-hot-restart", "--log-level", "warning")
    return Subject(name, title, "envoy", "envoy.yaml", words, logs=logs, preflight=200, kinds=kinds)


SUBJECTS = {
    subject.name: subject
    for subject in (
        _ours("ours-log", "cors-proxy, as by default: access log on", logs=True, kinds=BOTH),
        _ours("ours", "cors-proxy, access log off", kinds=EVERY),
        _ours(
            "ours-many",
            "cors-proxy, 10,000 origins and 1,000 routes",
            size=policy.MANY,
            kinds=frozenset({ALL, OURS}),
        ),
        _ours("ours-two", "cors-proxy, two workers", workers=2),
        _envoy("envoy", "Envoy, access log off"),
        _envoy("envoy-log", "Envoy, access log on", frozenset({ALL}), logs=True),
        Subject(
            "nginx",
            "nginx",
            "nginx",
            "nginx.conf",
            ("-e", "stderr", "-p", "{folder}", "-c", "{config}"),
            kinds=BOTH,
        ),
        Subject("haproxy", "HAProxy", "haproxy", "haproxy.cfg", ("-db", "-f", "{config}")),
        Subject(
            "caddy",
            "Caddy",
            "caddy",
            "Caddyfile",
            ("run", "--adapter", "caddyfile", "--config", "{config}"),
            environ={"GOMAXPROCS": "1", "XDG_DATA_HOME": "{folder}", "XDG_CONFIG_HOME": "{folder}"},
        ),
        Subject("node", "node: http-proxy-middleware and cors", "node", "proxy.mjs", ("{config}", str(NODE))),
    )
}

# To compare two builds: the build of this Python is `ours`, and `again` shows by how much two runs
# of the same build differ.
AGAIN = _ours("again", "cors-proxy, once more", kinds=EVERY)
BEFORE = _ours("before", "cors-proxy, the other checkout", kinds=EVERY)
TITLES = {subject.name: subject.title for subject in (*SUBJECTS.values(), AGAIN, BEFORE)}


def compared(checkout: Path) -> list[Subject]:
    """The build of another checkout, and this one twice; raises `BenchError`."""
    found = checkout.resolve() / ".venv" / "bin" / "cors-proxy"
    if not found.exists():
        raise BenchError(f"{found} is not there: `make install` in {checkout} makes it")
    return [replace(BEFORE, program=str(found)), SUBJECTS["ours"], AGAIN]


@contextlib.contextmanager
def start(
    subject: Subject, upstream: int, cores: tuple[int, int], folder: Path, user: str
) -> Iterator[Running]:
    """Runs a subject on the first core, or on both if it has several workers.

    Two workers on one core would only take turns. `upstream` is a port on loopback; `user` is a
    line of nginx's configuration."""
    port, admin = free_ports(2)
    values = {"port": port, "admin": admin, "upstream": upstream, "user": user}
    template = (CONF / subject.template).read_text()
    if subject.size is not None:
        text = policy.policy(
            template, subject.size, workers=subject.workers, log="json" if subject.logs else "off", **values
        )
    else:
        logging = (
            ("\n" + (CONF / "envoy-log.yaml").read_text()).replace("\n", "\n" + " " * 18)
            if subject.logs
            else "[]"
        )
        text = policy.fill(template, access_log=logging, **values)
        text = policy.fill(text, folder=folder)
    config = folder / f"{subject.name}{Path(subject.template).suffix}"
    config.write_text(text)
    here = {"config": config, "folder": folder}
    words = [word.format(**here) for word in subject.words]
    environ = {name: value.format(**here) for name, value in subject.environ.items()}
    with running(
        [program(subject.program), *words], cores[: subject.workers], port, folder / subject.name, environ
    ) as (pid, started):
        if subject.ours:
            started += wait_ready(admin)
        yield Running(subject, pid, cores[0], port, started, folder / f"{subject.name}.log")


def chosen(names: str) -> list[Subject]:
    """Subjects by names with commas between; all if there is none."""
    return [SUBJECTS[name] for name in names.split(",")] if names else list(SUBJECTS.values())


def chosen_works(names: str) -> list[Work]:
    return [WORKS[name] for name in names.split(",")] if names else list(WORKS.values())
