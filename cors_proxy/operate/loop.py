"""The event loop of every process: uvloop's, or asyncio's where uvloop does not exist (PyPy)."""

import asyncio


def new_event_loop() -> asyncio.AbstractEventLoop:
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()
