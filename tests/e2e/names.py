"""A DNS server on loopback, whose answers a test changes."""

import threading
from typing import Any

from dnslib import QTYPE, RCODE, RR, A, DNSRecord
from dnslib.server import BaseResolver, DNSLogger, DNSServer


class Names(BaseResolver):  # type: ignore[misc]
    """`addresses` by name, always in this order, as a server after RFC 6724 would sort them."""

    def __init__(self) -> None:
        self.addresses: dict[str, list[str]] = {}
        self.fails = False
        self.asked = 0

    def resolve(self, request: DNSRecord, handler: Any) -> DNSRecord:
        self.asked += 1
        answer = request.reply()
        found = self.addresses.get(str(request.q.qname).rstrip("."))
        if self.fails:
            answer.header.rcode = RCODE.SERVFAIL
        elif found is None:
            answer.header.rcode = RCODE.NXDOMAIN
        elif request.q.qtype == QTYPE.A:
            for address in found:
                answer.add_answer(RR(request.q.qname, QTYPE.A, ttl=0, rdata=A(address)))
        return answer


class NameServer:
    """Serves `names` on UDP until `close`."""

    def __init__(self, host: str = "127.0.0.1", port: int = 0) -> None:
        self.names = Names()
        self._server = DNSServer(
            self.names, address=host, port=port, logger=DNSLogger(logf=lambda line: None)
        )
        self.address = "{}:{}".format(*self._server.server.socket.getsockname())
        self._thread = threading.Thread(
            target=self._server.server.serve_forever, kwargs={"poll_interval": 0.05}
        )
        self._thread.start()

    def close(self) -> None:
        self._server.server.shutdown()
        self._thread.join()
        self._server.server.server_close()
