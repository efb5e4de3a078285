"""Decisions become few and harmless lines."""

import asyncio
from collections.abc import Callable

from cors_proxy.cors.decision import Refuse
from cors_proxy.cors.place import Place
from cors_proxy.cors.reason import Reason
from cors_proxy.cors.request import judge_headers
from cors_proxy.operate.page.decision_event import MAX_BATCH, DecisionEvent, EventBatcher, decision_event
from cors_proxy.proxy.recorder import Exchange

Make = Callable[..., Exchange]


def test_what_a_client_sent_is_cut_and_ascii(exchange: Make) -> None:
    decision = Refuse(
        Reason.HEADER_NOT_ALLOWED,
        "preflight",
        Place("p.yaml", 7, 3),
        detail=b"\xff\x00" * 300,
        hint="do this",
    )
    sent = {"target": b"/\x1b[31m\xe2\x80\xae?secret", "origin": b"https://" + b"a" * 300, "host": b"h\n"}
    found = decision_event(exchange(**sent, decision=decision, enforced=False))
    assert found["path"] == "/\\x1b[31m\\xe2\\x80\\xae"
    assert found["origin"] == "https://" + "a" * 192 + "…"
    assert found["host"] == "h\\x0a"
    assert (found["reason"], found["rule"], found["decision"], found["enforced"]) == (
        "header-not-allowed",
        "p.yaml:7",
        "refuse",
        False,
    )
    assert found["hint"] == "do this"
    assert all("secret" not in str(value) and len(str(value)) < 1000 for value in found.values())


def test_what_a_preflight_asks_is_whole(exchange: Make) -> None:
    names = [b"x-%d" % number for number in range(128)]
    judged = judge_headers(
        [(b"Access-Control-Request-Method", b"PUT"), (b"Access-Control-Request-Headers", b",".join(names))]
    )
    decision = Refuse(Reason.HEADER_NOT_ALLOWED, "preflight", refused=tuple(names[1:]))
    found = decision_event(exchange(decision=decision, judged=judged))
    asked = [name.decode() for name in names]
    assert (found["asked_method"], found["asked_headers"], found["refused"]) == ("PUT", asked, asked[1:])
    assert found["asked_private_network"] is False
    assert "asked_method" not in decision_event(exchange(judged=judged))


def test_without_a_decision(exchange: Make) -> None:
    found = decision_event(exchange(fault=Reason.REQUEST_TIMEOUT))
    assert (found["decision"], found["reason"], found["fault"], found["origin"]) == (
        "none",
        "",
        "request-timeout",
        None,
    )


async def test_more_than_anybody_reads_is_counted(exchange: Make) -> None:
    got: asyncio.Queue[tuple[list[DecisionEvent], int]] = asyncio.Queue()
    gatherer = EventBatcher(lambda batch, skipped: got.put_nowait((batch, skipped)))
    for _ in range(MAX_BATCH + 7):
        gatherer(exchange())
    batch, skipped = await asyncio.wait_for(got.get(), 10)
    assert (len(batch), skipped) == (MAX_BATCH, 7)
    gatherer(exchange())
    batch, skipped = await asyncio.wait_for(got.get(), 10)
    assert (len(batch), skipped) == (1, 0)
