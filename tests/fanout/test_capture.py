"""The strict reader finds what was meant in the bytes upstream; `make fanout` asks other
servers."""

import asyncio

import pytest
import uvloop

from tests.fanout.capture import capture_all
from tests.fanout.corpus import CASES


@pytest.mark.parametrize("group", sorted({case.group for case in CASES}))
def test_what_is_sent_upstream_is_what_was_meant(group: str) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        streams = runner.run(capture_all([case for case in CASES if case.group == group]))
    assert any(stream.reads for stream in streams)
