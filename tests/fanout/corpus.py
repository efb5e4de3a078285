"""What clients send, class by class, and the requests that may reach the upstream."""

import gzip
from typing import NamedTuple

from tests.fuzz.seeds import APP, CHUNKED, HOST, INNER, REQUESTS, SOCKET

Read = tuple[bytes, bytes, bytes]
"""A request as it was read: method, target, body."""

BEHIND: Read = (b"GET", b"/behind", b"")
"""Sent after every case on the same connection: a reader that is too early or too late misses it."""


class Case(NamedTuple):
    """Each of `pieces` is sent after the upstream saw something of the one before.

    `meant` are the whole requests upstream, with BEHIND if it may be read. None: those that the
    strict reader finds in the pieces, or fewer."""

    group: str
    pieces: tuple[bytes, ...]
    meant: tuple[Read, ...] | None


def _head(first: bytes, *lines: bytes) -> bytes:
    return b"\r\n".join((first + b" HTTP/1.1", b"Host: api.example", *lines, b"", b""))


def _one(group: str, raw: bytes, method: bytes, target: bytes = b"/x", body: bytes = b"") -> Case:
    return Case(group, (raw,), ((method, target, body), BEHIND))


def _post(group: str, lines: tuple[bytes, ...], framed: bytes, body: bytes) -> Case:
    return _one(group, _head(b"POST /x", *lines) + framed, b"POST", body=body)


def _chunked(group: str, framed: bytes, body: bytes, *lines: bytes) -> Case:
    return _post(group, (*lines, b"Transfer-Encoding: chunked"), framed, body)


def _refused(group: str, raw: bytes) -> Case:
    return Case(group, (raw,), ())


_MIB = b"0123456789abcdef" * (1 << 16)
_GZIP = gzip.compress(b"hello", mtime=0)

LENGTHS = [
    _post("lengths", (b"Content-Length: %b" % value,), framed, body)
    for value, framed, body in (
        (b"0", b"", b""), (b"1", b"\n", b"\n"), (b" 5", b"hello", b"hello"), (b"5 \t", b"hello", b"hello"),
        (b"\t5", b"\r\n\r\n\0",
        b"\r\n\r\n\0"),
        (b"%d" % len(INNER), INNER, INNER), (b"5", b"0\r\n\r\n", b"0\r\n\r\n"),
        (b"%d" % len(_MIB), _MIB, _MIB),
    )
]  # fmt: skip
LENGTHS += [
    _post("lengths", (), b"", b""),
    *(_one("lengths", _head(method + b" /x", b"Content-Length: 5") + b"hello", method, body=b"hello")
      for method in (b"GET", b"DELETE", b"OPTIONS", b"PUT", b"PATCH")),
    *(_refused("lengths", _head(b"POST /x", b"Content-Length: " + value) + b"hello")
      for value in (b"05", b"+5", b"-1", b"5,5", b"0x5", b"5 5", b"", b"5;", b"99999999999999999999",
          b"5\r\nContent-Length: 5",
                    b"5\r\nContent-Length: 6", b"\xb5")),
    # RFC 9112 6.3: a request whose body is cut off is incomplete.
    Case("lengths", (_head(b"POST /x", b"Content-Length: 400") + b"hello", b""), ()),
]  # fmt: skip

CODINGS = [
    *(_post("codings", (name + b":" + value,), b"5\r\nhello\r\n0\r\n\r\n", b"hello")
      for name in (b"Transfer-Encoding", b"TRANSFER-encoding") for value in (b" chunked", b"chunked",
          b" Chunked ", b"\tchunked")),
    *(_refused("codings", _head(b"POST /x", *lines) + b"5\r\nhello\r\n0\r\n\r\n")
      for lines in ((b"Transfer-Encoding: gzip, chunked",), (b"Transfer-Encoding: chunked, chunked",),
          (b"Transfer-Encoding: chunked",) * 2,
                    (b"Transfer-Encoding: identity",), (b"Transfer-Encoding: chunked;a=b",),
                    (b"Transfer-Encoding: \x0bchunked",),
                    (b"Transfer-Encoding: chunked\t",), (b"Transfer-Encoding:",),
                    (b'Transfer-Encoding: "chunked"',),
                    (b"Transfer-Encoding : chunked",),
                    (b"Transfer-Encoding: x", b"Transfer-Encoding: chunked"),
                    (b"Transfer-Encoding: chunked", b"Content-Length: 5"),
                    (b"Content-Length: 5", b"Transfer-Encoding: chunked"),
                    (b"Transfer-Encoding:\r\n chunked",))),
    _refused("codings", b"POST /x HTTP/1.0\r\n" + HOST + CHUNKED + b"\r\n5\r\nhello\r\n0\r\n\r\n"),
    # A content coding is not a transfer coding (RFC 9110 8.4).
    _post("codings", (b"Content-Encoding: gzip", b"Content-Length: %d" % len(_GZIP)), _GZIP, _GZIP),
]  # fmt: skip

CHUNKS = [
    _chunked("chunks", framed, body)
    for framed, body in (
        (b"0\r\n\r\n", b""), (b"000\r\n\r\n", b""), (b"5\r\nhello\r\n0\r\n\r\n", b"hello"),
        (b"005\r\nhello\r\n0\r\n\r\n", b"hello"),
        (b"a\r\n0123456789\r\nA\r\n9876543210\r\n0\r\n\r\n", b"01234567899876543210"),
        (b"5;a=b\r\nhello\r\n0;c\r\n\r\n", b"hello"),
        (b'5;a="b"\r\nhello\r\n0\r\n\r\n', b"hello"), (b"5\r\n0\r\n\r\n\r\n0\r\n\r\n", b"0\r\n\r\n"),
        (b"1\r\n\r\r\n1\r\n\n\r\n0\r\n\r\n", b"\r\n"),
        (b"%x\r\n%b\r\n0\r\n\r\n" % (len(INNER), INNER), INNER),
        (b"%X\r\n%b\r\n0\r\n\r\n" % (len(_MIB), _MIB), _MIB),
        (b"".join(b"1\r\n%c\r\n" % byte for byte in range(256)) + b"0\r\n\r\n", bytes(range(256))),
    )
]  # fmt: skip
CHUNKS += [
    # Wrong in the first bytes of the body, or after the head was sent: the request upstream stays
    # incomplete.
    Case("chunks", (*before, bad + b"\r\n0\r\n\r\n" + INNER), ())
    for bad in (b"0x5\r\nhello", b"-1\r\nhello", b"zz\r\nhello", b"5\nhello", b"5;a\nb\r\nhello", b"1\r\nAB",
        b"5 \r\nhel",
                b"\r\nhello", b"+5\r\nhello",
                b"5_\r\nhello", b"fffffffffffffffff\r\nhello")
    for before in ((_head(b"POST /x", CHUNKED[:-2]),), (_head(b"POST /x", CHUNKED[:-2]) + b"3\r\nabc\r\n",))
]  # fmt: skip
CHUNKS += [Case("chunks", (_head(b"POST /x", CHUNKED[:-2]) + b"3\r\nabc\r\n", b""), ())]

TRAILERS = [
    Case("trailers", pieces, ((b"POST", b"/x", b"hello"), BEHIND))
    for trailer in (b"Content-Length: 9", b"Transfer-Encoding: chunked", b"Connection: close", b"X-T: 1",
        b"Host: evil.example",
                    b"Origin: https://evil.example", b"A: 1\r\nB: 2", b"Upgrade: websocket",
                    b"Expect: 100-continue",
                    b"Connection: upgrade\r\nUpgrade: h2c", b"Connection: keep-alive, x",
                    b"Content-Type: text/plain")
    for head in (_head(b"POST /x", b"Trailer: X-T", b"Transfer-Encoding: chunked"),)
    for body in (b"5\r\nhello\r\n0\r\n" + trailer + b"\r\n\r\n",)
    for pieces in ((head + body,), (head, body))
]  # fmt: skip
TRAILERS += [
    *(_refused("trailers", _head(b"POST /x", b"Transfer-Encoding: chunked")
               + b"5\r\nhello\r\n0\r\n" + trailer + b"\r\n\r\n")
      for trailer in (b"X : 1", b" X: 1", b"X: a\x00b", b"X")),
]  # fmt: skip

_H2C = (b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c", b"HTTP2-Settings: AAMAAABkAAQAAP__")
UPGRADES = [
    _one("upgrades", _head(b"GET /x", *_H2C), b"GET"),
    _post("upgrades", (*_H2C, b"Content-Length: %d" % len(INNER)), INNER, INNER),
    _chunked("upgrades", b"5\r\nhello\r\n0\r\n\r\n", b"hello", *_H2C),
    _one("upgrades", _head(b"GET /x", b"Connection: upgrade", b"Upgrade: TLS/1.2"), b"GET"),
    _one("upgrades", _head(b"GET /x", b"Upgrade: h2c"), b"GET"),
    # A handshake that the upstream declines: nothing after it is read.
    Case(
        "upgrades",
        (_head(b"GET /x", APP[:-2], *SOCKET.split(b"\r\n")[:-1]) + INNER,),
        ((b"GET", b"/x", b""),),
    ),
    _refused(
        "upgrades", _head(b"GET /x", APP[:-2], *SOCKET.split(b"\r\n")[:-1], b"Content-Length: 5") + b"hello"
    ),
    _refused("upgrades", b"CONNECT api.example:443 HTTP/1.1\r\n" + HOST + b"\r\n" + INNER),
    _refused("upgrades", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
]

_GET = _head(b"GET /g")
_LONG = _head(b"POST /p", b"Content-Length: 5") + b"hello"
_CHUNKS = _head(b"POST /c", b"Transfer-Encoding: chunked") + b"5\r\nhello\r\n0\r\nX: 1\r\n\r\n"
_READ = {_GET: (b"GET", b"/g", b""), _LONG: (b"POST", b"/p", b"hello"), _CHUNKS: (b"POST", b"/c", b"hello")}
PIPELINES = [
    Case("pipelining", (first + second + third,), (_READ[first], _READ[second], _READ[third], BEHIND))
    for first in _READ for second in _READ for third in _READ
]  # fmt: skip
PIPELINES += [
    Case(
        "pipelining",
        (_GET + b"\r\n" + _LONG + b"\r\n\r\n" + _GET,),
        (_READ[_GET], _READ[_LONG], _READ[_GET], BEHIND),
    ),
    Case(
        "pipelining",
        (_GET + _head(b"GET /last", b"Connection: close") + INNER,),
        (_READ[_GET], (b"GET", b"/last", b"")),
    ),
    Case(
        "pipelining",
        (_GET + b"GET /x HTTP/1.0\r\n" + HOST + b"\r\n" + INNER,),
        (_READ[_GET], (b"GET", b"/x", b"")),
    ),
    Case(
        "pipelining",
        (b"GET /x HTTP/1.0\r\nConnection: keep-alive\r\n" + HOST + b"\r\n",),
        ((b"GET", b"/x", b""), BEHIND),
    ),
    Case("pipelining", (_GET + b"GET /x\r\n\r\n" + INNER,), (_READ[_GET],)),
    Case("pipelining", (_LONG + b"hello" + _GET,), (_READ[_LONG],)),
]

TARGETS = [
    _one("targets", _head(b"GET " + target), b"GET", target)
    for target in (b"/", b"/?", b"/?a=b&c", b"/x?y=/../z", b"/x?%00%zz%", b"/x?a=http://b/%2f", b"/%41%7e~",
        b"/a%20b",
                   b"/a%0d%0aX:%201", b"/%0a",
                   b"/a;b=c;d", b"/a:b@c", b"/:80", b"/a|b", b"/a^b`c", b"/{a}", b"/[a]", b"/a'b", b'/a"b',
                   b"/<a>", b"/*", b"/%c3%a9",
                   b"/%ff",
                   b"//evil.example/x", b"/a//b", b"/a%2fb", b"/http://evil.example/", b"/x?" + b"q" * 3000,
                   b"/" + b"p/" * 1000 + b"p",
                   b"/%25%32%65",
                   b"/a,b=c$d&e+f!g(h)", b"/x?a=b?c=d", b"/...", b"/HTTP/1.1", b"/x?\\", b"/x?;|<>\"'`{}^")
]  # fmt: skip
TARGETS += [
    _refused("targets", _head(b"GET " + target))
    for target in (b"http://api.example/x", b"*", b"x", b"/a/../b", b"/a/%2e%2e/b", b"/.", b"/a#b", b"/a%zz",
        b"/a%", b"/a\\b",
                   b"/a%5cb", b"/a%00",
                   b"/a b", b"/a\tb", b"/a\x00", b"/\xc0\xafa", b"", b"/a\rb")
]  # fmt: skip
TARGETS += [Case("targets", (_head(b"GET /caf\xc3\xa9"),), None)]

_METHODS = (b"PROPFIND", b"REPORT", b"MKCOL", b"M-SEARCH", b"SEARCH", b"PURGE", b"LINK")
HEADERS = [
    _one("header bytes", _head(b"GET /x", *lines), b"GET")
    for lines in (
        (b"X: ",), (b"X:",), (b"X:\ta\tb\t",), (b"X: caf\xc3\xa9",), (b"X: \x80\xff",), (b"X: a:b",),
        (b"X: a, b", b"X: c"),
        (b"!#$%&'*+-.^_`|~0: 1",),
        (b"Content_Length: 9",), (b"Transfer_Encoding: chunked",), (b"Content-Length-: 9",),
        (b"X-Content-Length: 9",), (b"Cookie: a=1",
        b"Cookie: b=2"),
        (b"Connection: Content-Length, Transfer-Encoding, Host",), (b"Connection: x-y", b"X-Y: 1"),
        (b"Proxy: http://evil.example",),
        (b"Keep-Alive: timeout=1", b"Proxy-Connection: keep-alive", b"TE: trailers"), (b"X: " + b"v" * 4000,),
        tuple(b"X-%d: 1" % number for number in range(80)), (b"X-Forwarded-For: 1\t, \xff",),
        (b"Expect: 100-continue",), (b"X: HTTP/1.1",),
        (b"X: chunked\t\t  ",), (b"x-HTTP-Method-Override: DELETE",),
    )
]  # fmt: skip
HEADERS += [
    _one("header bytes", _head(method + b" /x"), method)
    for method in (*_METHODS, b"HEAD", b"DELETE", b"OPTIONS")
]
HEADERS += [
    _refused("header bytes", _head(b"GET /x", *lines))
    for lines in ((b"X : 1",), (b" X: 1",), (b"X: 1", b" folded"), (b"X: a\x00b",), (b"X: a\rb",),
        (b"X: a\nY: b",), (b"X\x00: 1",),
                  (b"X",), (b": 1",),
                  (b"X\xe9: 1",), (b"X: \x01",), (b"X: \x7f",), (b"Host: b",), (b"Content-Length\t: 5",),
                  (b"Content-Length\xa0: 5",),
                  (b"X(: 1",))
]  # fmt: skip
HEADERS += [
    _refused("header bytes", raw)
    for raw in (b"GET /x HTTP/1.1\nHost: a\n\n", b"GET /x HTTP/1.1\r\nHost: a\n\r\n",
        b"GET /x HTTP/1.1\r\n\r\n",
                b"get /x HTTP/1.1\r\nHost: a\r\n\r\n",
                b"GET /x HTTP/1.2\r\nHost: a\r\n\r\n", b"GET\t/x HTTP/1.1\r\nHost: a\r\n\r\n",
                b"GET /x HTTP/1.1\r\nHost: a@b\r\n\r\n",
                b"GET /x HTTP/1.1\r\nHost: a b\r\n\r\n", b"GET /x HTTP/1.1 \r\nHost: a\r\n\r\n",
                b"\x16\x03\x01\x02\x00\x01\r\n\r\n")
]  # fmt: skip

SEEDS = [Case("fuzz seeds", (raw.replace(b"@", b"/x"),), None) for raw in REQUESTS]

CASES = [*LENGTHS, *CODINGS, *CHUNKS, *TRAILERS, *UPGRADES, *PIPELINES, *TARGETS, *HEADERS, *SEEDS]
