"""The bytes that are mutated: valid and hostile requests and responses.

`@` in a target stands for the path of the round."""

HOST = b"Host: api.example\r\n"
APP = b"Origin: https://app.example\r\n"
EVIL = b"Origin: https://evil.example\r\n"
SOCKET = (
    b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
    b"dGhlIHNhbXBsZSBub25jZQ==\r\n"
)
CHUNKED = b"Transfer-Encoding: chunked\r\n"
POISON = b"HTTP/1.1 200 OK\r\nX-Poison: 1\r\nContent-Length: 6\r\n\r\npoison"
INNER = b"GET /smuggled HTTP/1.1\r\nHost: api.example\r\n\r\n"

REQUESTS = [
    b"GET @ HTTP/1.1\r\n" + HOST + b"Accept: */*\r\n\r\n",
    b"GET @ HTTP/1.1\r\n" + HOST + APP + b"\r\n",
    b"GET @ HTTP/1.1\r\n" + HOST + EVIL + b"\r\n",
    b"GET @ HTTP/1.0\r\n" + HOST + b"\r\n",
    b"POST @ HTTP/1.1\r\n" + HOST + b"Content-Length: 5\r\n\r\nhello",
    b"POST @ HTTP/1.1\r\n" + HOST + EVIL + b"Content-Length: %d\r\n\r\n" % len(INNER) + INNER,
    b"POST @ HTTP/1.1\r\n" + HOST + APP + CHUNKED + b"\r\n5\r\nhello\r\n0\r\n\r\n",
    b"POST @ HTTP/1.1\r\n"
    + HOST
    + CHUNKED
    + b"\r\n3;a=b\r\nabc\r\n2\r\nde\r\n0\r\nOrigin: https://app.example\r\nX-T: 1\r\n\r\n",
    b"POST @ HTTP/1.1\r\n" + HOST + CHUNKED + b"\r\n5\r\nhello\r\n0\r\nContent-Length: 5\r\n\r\n",
    b"POST @ HTTP/1.1\r\n"
    + HOST
    + CHUNKED
    + b"\r\n5\r\nhello\r\n0\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n",
    b"POST @ HTTP/1.1\r\n" + HOST + CHUNKED + b"Content-Length: 5\r\n\r\n0\r\n\r\n",
    b"POST @ HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: gzip, chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    b"POST @ HTTP/1.0\r\n" + HOST + CHUNKED + b"\r\n5\r\nhello\r\n0\r\n\r\n",
    b"POST @ HTTP/1.1\r\n" + HOST + b"Content-Length: 05\r\n\r\nhello",
    b"POST @ HTTP/1.1\r\n" + HOST + b"Expect: 100-continue\r\nContent-Length: 5\r\n\r\nhello",
    b"GET @ HTTP/1.1\r\n" + HOST + APP + EVIL + b"\r\n",
    b"GET @ HTTP/1.1\r\n" + HOST + EVIL + APP + b"\r\n",
    b"GET @ HTTP/1.1\r\n" + HOST + b"Connection: keep-alive, Host\r\n\r\n",
    b"POST @ HTTP/1.1\r\n"
    + HOST
    + b"Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: %d\r\n\r\n" % len(INNER)
    + INNER,
    b"GET @ HTTP/1.1\r\n" + HOST + SOCKET + b"\r\n" + INNER,
    b"GET @ HTTP/1.1\r\n" + HOST + b"Host: evil.example\r\n\r\n",
    b"GET @ HTTP/1.1\r\n" + HOST + b"Connection: close, Origin\r\n" + EVIL + b"\r\n",
    b"GET @ HTTP/1.1\r\n"
    + HOST
    + b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n\r\n",
    b"POST @ HTTP/1.1\r\n" + HOST + b"Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 5\r\n\r\nhello",
    b"GET @ HTTP/1.1\r\n" + HOST + APP + SOCKET + b"\r\n",
    b"GET @ HTTP/1.1\r\n" + HOST + APP + SOCKET + b"Content-Length: 5\r\n\r\nhello",
    b"GET @ HTTP/1.1\r\n" + HOST + EVIL + SOCKET + b"\r\n",
    b"CONNECT api.example:443 HTTP/1.1\r\n" + HOST + b"\r\n",
    b"OPTIONS @ HTTP/1.1\r\n" + HOST + APP + b"Access-Control-Request-Method: PUT\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\n" + HOST + b"\r\n",
    b"GET http://evil.example@ HTTP/1.1\r\n" + HOST + b"\r\n",
    b"GET @/../x HTTP/1.1\r\n" + HOST + b"\r\n",
    b"HEAD @ HTTP/1.1\r\n" + HOST + b"\r\n",
    b"GET @ HTTP/1.1\r\n" + HOST + b"X-A: caf\xe9\r\n\r\n",
]

ANSWERS = [
    b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nSet-Cookie: a=1\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nContent-Length: 5\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n\r\n\r\n\r\n0\r\n\r\n",
    b"HTTP/1.1 103 Early Hints\r\nContent-Length: 5\r\n\r\nhelloHTTP/1.1 200 OK\r\nContent-Length: 2\r\n"
    b"\r\nok",
    b"HTTP/1.1 103 Early Hints\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n"
    b"Content-Length: 2\r\n\r\nok",
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n"
    b"\r\nok",
    b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\nraw",
    b"HTTP/1.1 204 No Content\r\n\r\n",
    b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n",
    b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
    b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison",
    b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloHTTP/1.1 200 OK\r\nX-Poison: ",
    b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nraw",
    b"HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nAccess-Control-Allow-Credentials: true\r\n"
    b"Content-Length: 2\r\n\r\nok",
    b"HTTP/1.0 200 OK\r\n\r\nto the end",
    b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nokGARBAGE",
]

BITS = [
    b"\r\n", b"\n", b"\r", b"\x00", b" ", b"\t", b":", b",", b";", b"0", b"\x0b", b"\xa0", b"\xff", b"#",
    b"//", b"%2e", b"chunked",
    b"close",
    b"Content-Length: 3\r\n", CHUNKED, b"Transfer-Encoding: x\r\n", b"HTTP/1.1", b"\r\n\r\n", b"0\r\n\r\n",
    b"-1", b"+", b"0x", APP, EVIL,
    b"Upgrade: h2c\r\nConnection: upgrade\r\n", b"Expect: 100-continue\r\n", INNER,
]  # fmt: skip
