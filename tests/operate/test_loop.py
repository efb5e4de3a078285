import asyncio
import sys
from contextlib import closing

import pytest
import uvloop

from cors_proxy.operate.loop import new_event_loop


def test_uvloop_where_it_exists(monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(new_event_loop()) as loop:
        assert isinstance(loop, uvloop.Loop)
    monkeypatch.setitem(sys.modules, "uvloop", None)  # it cannot be imported
    with closing(new_event_loop()) as loop:
        assert isinstance(loop, asyncio.SelectorEventLoop)
