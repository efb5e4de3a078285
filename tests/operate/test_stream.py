"""A log that nobody reads stops no traffic."""

import fcntl
import os
import select
import subprocess
import sys
import threading
import time

from cors_proxy.operate.stream import MAX_QUEUED, TOGETHER, Stream


def test_lines_arrive_whole_and_in_order() -> None:
    reader, writer = os.pipe()
    stream = Stream(writer)
    lines = [b"%d %s\n" % (n, b"x" * (n % 300)) for n in range(2000)]
    found = bytearray()

    def read() -> None:
        while part := os.read(reader, 65536):
            found.extend(part)

    thread = threading.Thread(target=read)
    thread.start()
    for line in lines:
        stream.write(line)
    stream.close()
    os.close(writer)
    thread.join()
    os.close(reader)
    assert bytes(found) == b"".join(lines)
    assert stream.dropped == 0


def test_lines_are_written_together() -> None:
    reader, writer = os.pipe2(os.O_DIRECT)  # packet mode: one read is one write, up to PIPE_BUF
    stream = Stream(writer)
    lines = [b"%d%s\n" % (n, b"y" * 200) for n in range(TOGETHER)]
    for line in lines:
        stream.write(line)
    stream.close()
    os.close(writer)
    packets = []
    while part := os.read(reader, 1 << 16):
        packets.append(part)
    os.close(reader)
    assert b"".join(packets) == b"".join(lines)
    assert len(packets) < len(lines) / 10


WRITER = """
import sys
from cors_proxy.operate.stream import Stream
out, err = Stream(1), Stream(2)
for n in range(200):
    out.write(sys.argv[1].encode() * 20_000 + b"\\n")
    err.write(sys.argv[2].encode() * 20_000 + b"\\n")
out.close(60)
err.close(60)
"""


def test_long_lines_of_several_workers_do_not_mix() -> None:
    """Each of two processes writes to stdout and stderr, which are one pipe."""
    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, select.PIPE_BUF)  # each line is several turns of the pipe
    commands = ([sys.executable, "-c", WRITER, *letters] for letters in ("ab", "cd"))
    workers = [subprocess.Popen(command, stdout=writer, stderr=writer) for command in commands]
    os.close(writer)
    with open(reader, "rb") as pipe:
        lines = pipe.read().splitlines()
    assert [worker.wait() for worker in workers] == [0, 0]
    assert len(lines) == 800
    assert {(len(line), len(set(line))) for line in lines} == {(20_000, 1)}


def test_a_full_pipe_costs_lines_and_no_time() -> None:
    reader, writer = os.pipe()
    stream = Stream(writer)
    line = b"z" * 1023 + b"\n"
    started = time.monotonic()
    for _ in range(2 * MAX_QUEUED // len(line)):
        stream.write(line)
    stream.close(0.1)
    assert time.monotonic() - started < 5
    assert stream.dropped > 0
    os.close(reader)  # the blocked write ends with EPIPE
    stream.close()
    os.close(writer)


def test_a_reader_that_left() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    stream = Stream(writer)
    stream.write(b"nobody\n")
    stream.close()
    os.close(writer)
    assert stream.dropped == 1
