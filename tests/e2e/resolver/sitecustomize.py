"""Python imports this at the start of a process that has this directory in its PYTHONPATH: the
proxy's and its workers'.  Names are then resolved by the DNS server in $TEST_DNS, not by the system.

The system's own resolver reads /etc/resolv.conf and asks port 53 only.  To change that takes root or
a mount namespace, which many containers refuse.  Nothing of the proxy is replaced."""

import asyncio
import os
import socket
from typing import Any

import uvloop
from dnslib import RCODE, DNSRecord

_HOST, _PORT = os.environ["TEST_DNS"].split(":")


def _ask(name: str) -> list[str]:
    answer = DNSRecord.parse(DNSRecord.question(name).send(_HOST, int(_PORT), timeout=2))
    if answer.header.rcode == RCODE.SERVFAIL:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
    found = [str(record.rdata) for record in answer.rr]
    if not found:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    return found


class _Loop(uvloop.Loop):
    async def getaddrinfo(self, host: Any, port: Any, **options: Any) -> list[Any]:
        found = await asyncio.to_thread(_ask, host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port or 0)) for address in found]


uvloop.new_event_loop = _Loop
