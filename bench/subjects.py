"""The subjects that are measured, each with the same policy in its own configuration."""

import contextlib
import socket
import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from bench import policy
from bench.peers import CONF, home, program
from bench.process import BenchError, connect, free_ports, running
from bench.varied import HOST
from bench.works import ALL, MAIN, OURS, SOCKETS, TLS, WORKS, Work


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
    tls: bool = False
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
    """A running subject: `began` is by the monotonic clock, `log` its access log if it has one."""

    subject: Subject
    pid: int
    core: int
    port: int
    admin: int
    began: float
    log: Path

    @property
    def url(self) -> str:
        return f"{'https' if self.subject.tls else 'http'}://127.0.0.1:{self.port}/"

    def client(self) -> socket.socket:
        """A new connection to it."""
        plain = connect(self.port)
        return _unverified().wrap_socket(plain, server_hostname=HOST) if self.subject.tls else plain


def certificate(folder: Path) -> None:
    """`tls.crt` and `tls.key`, which all subjects with TLS use."""
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
    ]
    names = ["-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}", "-days", "2"]
    files = ["-keyout", str(folder / "tls.key"), "-out", str(folder / "tls.crt")]
    subprocess.run([*command, *names, *files], check=True, capture_output=True)


@cache
def _unverified() -> ssl.SSLContext:
    """The certificate is made for the run alone."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    return context


BOTH = frozenset({ALL, MAIN})
PEER, EVERY = BOTH | {SOCKETS}, BOTH | {SOCKETS, OURS}


def _ours(name: str, title: str, **keys: object) -> Subject:
    given = {"size": policy.ONE, **keys}
    return Subject(name, title, "cors-proxy", "policy.yaml", ("run", "-c", "{config}"), **given)  # type: ignore[arg-type]


def _envoy(name: str, title: str, **keys: object) -> Subject:
    words = ("-c", "{config}", "--concurrency", "1", "--disable-hot-restart", "--log-level", "warning")
    given = {"kinds": PEER, **keys}
    return Subject(name, title, "envoy", "envoy.yaml", words, preflight=200, **given)  # type: ignore[arg-type]


def _nginx(name: str, title: str, **keys: object) -> Subject:
    words, given = ("-e", "stderr", "-p", "{folder}", "-c", "{config}"), {"kinds": PEER, **keys}
    return Subject(name, title, "nginx", "nginx.conf", words, **given)  # type: ignore[arg-type]


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
        _envoy("envoy-log", "Envoy, access log on", kinds=frozenset({ALL}), logs=True),
        _nginx("nginx", "nginx"),
        Subject("haproxy", "HAProxy", "haproxy", "haproxy.cfg", ("-db", "-f", "{config}")),
        Subject(
            "caddy",
            "Caddy",
            "caddy",
            "Caddyfile",
            ("run", "--adapter", "caddyfile", "--config", "{config}"),
            environ={"GOMAXPROCS": "1", "XDG_DATA_HOME": "{folder}", "XDG_CONFIG_HOME": "{folder}"},
        ),
        Subject("node", "node: http-proxy-middleware and cors", "node", "proxy.mjs", ("{config}", "{node}")),
        _ours("ours-tls", "cors-proxy, TLS", tls=True, kinds=frozenset({TLS})),
        _envoy("envoy-tls", "Envoy, TLS", tls=True, kinds=frozenset({TLS})),
        _nginx("nginx-tls", "nginx, TLS", tls=True, kinds=frozenset({TLS})),
    )
}

# To compare two builds: the build of this Python is `ours`, and `again` shows by how much two runs
# of the same build differ.
AGAIN, BEFORE = "again", "before"
COMPARED = {AGAIN: "once more", BEFORE: "the other checkout"}
FORMS = {"": EVERY, "-log": frozenset({ALL}), "-tls": frozenset({TLS})}
TITLES = {subject.name: subject.title for subject in SUBJECTS.values()} | {
    name + form: f"{SUBJECTS[f'ours{form}'].title}, {title}"
    for name, title in COMPARED.items()
    for form in FORMS
}


def compared(checkout: Path) -> list[Subject]:
    """The build of another checkout, and this one twice: each without and with its log, and with
    TLS; raises `BenchError`."""
    found = checkout.resolve() / ".venv" / "bin" / "cors-proxy"
    if not found.exists():
        raise BenchError(f"{found} is not there: `make install` in {checkout} makes it")
    subjects = []
    for form, kinds in FORMS.items():
        ours = replace(SUBJECTS[f"ours{form}"], kinds=kinds)
        before, again = (
            replace(ours, name=name + form, title=TITLES[name + form]) for name in (BEFORE, AGAIN)
        )
        subjects += [replace(before, program=str(found)), ours, again]
    return subjects


@contextlib.contextmanager
def start(
    subject: Subject, upstream: int, cores: tuple[int, int], folder: Path, user: str
) -> Iterator[Running]:
    """Runs a subject on the first core, or on both if it has several workers.

    It listens, but may not answer yet. Two workers on one core would only take turns. `upstream`
    is a port on loopback; `user` is a line of nginx's configuration."""
    port, admin = free_ports(2)
    values = {"port": port, "admin": admin, "upstream": upstream, "user": user}
    values["tls"] = (CONF / f"tls-{Path(subject.template).stem}").read_text().rstrip() if subject.tls else ""
    template = (CONF / subject.template).read_text()
    if subject.size is not None:
        log = "json" if subject.logs else "off"
        text = policy.policy(template, subject.size, workers=subject.workers, log=log, **values)
    else:
        logging = "[]"
        if subject.logs:
            lines = "\n" + (CONF / "envoy-log.yaml").read_text()
            logging = lines.replace("\n", "\n" + " " * 18)
        text = policy.fill(template, access_log=logging, **values)
    text = policy.fill(text, folder=folder)
    config = folder / f"{subject.name}{Path(subject.template).suffix}"
    config.write_text(text)
    here = {"config": config, "folder": folder, "node": home() / "node"}
    words = [word.format(**here) for word in subject.words]
    environ = {name: value.format(**here) for name, value in subject.environ.items()}
    with running(
        [program(subject.program), *words], cores[: subject.workers], port, folder / subject.name, environ
    ) as (pid, began):
        yield Running(subject, pid, cores[0], port, admin, began, folder / f"{subject.name}.log")


def chosen(names: str) -> list[Subject]:
    """Subjects by names with commas between; all if there is none."""
    return [SUBJECTS[name] for name in names.split(",")] if names else list(SUBJECTS.values())


def chosen_works(names: str) -> list[Work]:
    return [WORKS[name] for name in names.split(",")] if names else list(WORKS.values())
