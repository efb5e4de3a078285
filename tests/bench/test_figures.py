"""Ratios within rounds, the targets, the tables, and the place in the README."""

from pathlib import Path

import pytest

from bench.figures import Figures, spread
from bench.measure import Figure, Memory
from bench.process import BenchError
from bench.readme import BEGIN, END, FRONT, in_front, in_readme
from bench.subjects import SUBJECTS, compared
from bench.table import document
from bench.targets import against, targets
from bench.works import OURS, TLS, WORKS


def figure(cpu: float, trouble: str = "", faults: float = 0.0, others: float = 0.0) -> Figure:
    return Figure(
        cpu, cpu * 0.75, cpu * 0.25, 1e6 / cpu, 10 * cpu, 20 * cpu, 0.0, faults, others, 50 << 20, trouble
    )


def run() -> Figures:
    """Three rounds in which the machine was at times twice as slow; ours costs 0.4 of Envoy's."""
    found = Figures(memory={"ours": Memory(44 << 20, 13 << 10, 0.3)}, loads={"ours": 0.2, "ours-many": 0.9})
    for number, slow in enumerate((1.0, 2.0, 1.0)):
        found.add(number, "get", "ours", figure(40 * slow))
        found.add(number, "get", "envoy", figure(100 * slow + number))
    return found


def test_spread() -> None:
    assert spread([3.0, 1.0, 2.0]) == (2.0, 1.0, 3.0)
    assert spread([]) is None


def test_a_ratio_is_that_of_its_round() -> None:
    found = run()
    ratio = found.ratio(("get", "ours"), ("get", "envoy"))
    assert ratio is not None and ratio.most == 0.4 and 0.39 < ratio.least < ratio.median < 0.4
    assert found.of("get", "ours") == (40, 40, 80)
    assert found.ratio(("get", "ours"), ("get", "nginx")) is None


def test_targets() -> None:
    verdicts = {target.title: target.verdict for target in targets(run())}
    assert verdicts["repeated GET, to Envoy"] == "met"
    assert verdicts["repeated GET, to nginx"] == "not measured"
    assert verdicts["memory of an idle connection"] == "**not met**"
    assert verdicts["reading the policy of 10,000 origins and 1,000 routes"] == "met"


def test_the_targets_of_varied_requests() -> None:
    found = Figures(memory={"ours": Memory(40 << 20, 12 << 10, 0.36)})
    for work, subject, cpu in (
        ("varied-get", "ours-log", 60),
        ("varied-get", "ours", 51),
        ("varied-get", "envoy", 100),
        ("varied-get", "envoy-log", 200),
        ("varied-get", "nginx", 35),
        ("varied-preflight", "ours", 50),
        ("varied-refused", "ours", 51),
        ("varied-tls", "ours-tls", 64),
        ("varied-tls", "envoy-tls", 100),
        ("varied-get", "ours-many", 53),
        ("varied-get", "ours-two", 54),
    ):
        found.add(0, work, subject, figure(cpu))
    verdicts = {target.title: target.verdict for target in targets(found)}
    assert {title: verdict for title, verdict in verdicts.items() if verdict != "not measured"} == {
        "varied GET, access log on, to Envoy with its log off": "met",
        "varied GET, to Envoy": "**not met**",
        "varied GET, to nginx": "met",
        "varied GET of refused origins, to our own preflight": "**not met**",
        "varied GET with TLS, to Envoy": "met",
        "10,000 origins and 1,000 routes, to one of each: Varied GETs of 1 KiB": "met",
        "two workers, to one: Varied GETs of 1 KiB": "**not met**",
        "start to the first answer": "**not met**",
        "memory after the start": "met",
        "memory of an idle connection": "met",
    }
    row = next(line for line in document(found, []).splitlines() if line.startswith("| cors-proxy, as by"))
    assert [cell.strip() for cell in row.split("|")[4:6]] == [
        "0.60",
        "1.71",
    ]  # to Envoy's and nginx's, logs off


def test_document() -> None:
    found = run()
    found.add(0, "post", "envoy", figure(70, "3 socket errors", faults=300, others=0.4))
    text = document(found, [("date", "2020-02-02")])
    assert "| cors-proxy, access log off | 40.0 [40.0–80.0]" in text
    assert "- The same POST of 16 KiB, Envoy, access log off: 3 socket errors" in text
    assert "up to 300 page faults" in text and "up to 40% of its core" in text
    assert "| repeated GET, to Envoy " in text
    assert found.plain()["rounds"][0]["get"]["ours"]["cpu"] == 40


def builds(before: float, now: tuple[float, ...], again: tuple[float, ...]) -> Figures:
    found = Figures()
    for number, (one, twin) in enumerate(zip(now, again, strict=True)):
        for subject, cpu in (("before", before), ("ours", one), ("again", twin)):
            found.add(number, "get", subject, figure(cpu))
    return found


def test_now_to_before() -> None:
    (same,) = against(builds(100, (103, 104, 99), (103, 104, 99)))
    assert tuple(same.ratio) == pytest.approx((1.03, 0.99, 1.04))
    assert (same.twins.median, same.verdict) == (1, "met")
    (dearer,) = against(builds(100, (104, 104, 104), (104, 104, 104)))
    assert dearer.verdict == "**not met**"
    # Where two runs of one build differ by two percent, a difference of two percent has no cause.
    (noisy,) = against(builds(100, (104, 104, 104), (102, 102, 102)))
    assert noisy.limit > 1.04 and noisy.verdict == "met"
    assert against(run()) == []
    text = document(builds(100, (104, 104), (104, 104)), [])
    assert "### Now to before" in text and "| cors-proxy, access log off, the other checkout |" in text


def test_the_other_checkout(tmp_path: Path) -> None:
    with pytest.raises(BenchError, match="make install"):
        compared(tmp_path)
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "cors-proxy").touch()
    found = {subject.name: subject for subject in compared(tmp_path)}
    others = {name for name, subject in found.items() if subject.program != "cors-proxy"}
    assert others == {"before", "before-log", "before-tls"}
    assert found["before"].program == str(tmp_path / ".venv" / "bin" / "cors-proxy")
    assert found.keys() - others == {"ours", "ours-log", "ours-tls", "again", "again-log", "again-tls"}
    assert found["again-log"].logs and found["before-tls"].tls
    for work in WORKS.values():
        assert {name for name, subject in found.items() if subject.does(work)} >= (
            {"before-tls", "ours-tls", "again-tls"} if work.who == TLS else {"before", "ours", "again"}
        )


def test_the_readme_keeps_what_is_around_its_figures() -> None:
    once = in_readme(f"above\n{BEGIN}old\n{END}below\n", "new\n")
    assert once == f"above\n{BEGIN}\nnew\n\n{END}below\n"
    assert in_readme(once, "new\n") == once


def test_the_front_page_quotes_the_varied_requests() -> None:
    found = Figures()
    for work, cpu in (("varied-get", 62), ("varied-preflight", 187)):
        found.add(0, work, "ours-log", figure(cpu))
        found.add(0, work, "envoy", figure(100))
    text = FRONT.read_text()
    quoting = in_front(text, found)
    assert "GET takes about 0.6 of" in " ".join(quoting.split()) and "preflight about 1.9" in quoting
    assert in_front(text, Figures()) == text


def test_who_does_what() -> None:
    assert (
        SUBJECTS["ours"].status(WORKS["refused"]) == 403 and SUBJECTS["nginx"].status(WORKS["refused"]) == 200
    )
    assert (
        SUBJECTS["envoy"].status(WORKS["preflight"]) == 200 and SUBJECTS["envoy"].status(WORKS["post"]) == 204
    )
    ours_alone = {name for name, work in WORKS.items() if work.who == OURS}
    assert ours_alone == {"get-wildcard", "preflight-wildcard"}
    assert all(SUBJECTS["ours-many"].does(WORKS[name]) for name in ours_alone)
    assert not any(SUBJECTS["envoy"].does(WORKS[name]) for name in ours_alone)
    assert SUBJECTS["envoy"].does(WORKS["varied-get-64"])
    assert not SUBJECTS["caddy"].does(WORKS["varied-get-64"])
