"""A port for a server that must be told one.

The kernel gives no port of this range to a socket that asks for any, by port 0 or by a connect.
So no other test takes it before the server does."""

import random
import socket

# Below the lowest of net.ipv4.ip_local_port_range, as Linux has it by default.
RANGE = range(31_000, 32_768)
_reserved: list[socket.socket] = []


def unused_port() -> int:
    """Of this process alone: another one that runs tests reserves other ports."""
    for port in random.sample(RANGE, len(RANGE)):
        # The port of this number in UDP, which no test uses, is the reservation.
        reservation = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            reservation.bind(("127.0.0.1", port))
            socket.create_server(("0.0.0.0", port)).close()
        except OSError:
            reservation.close()
        else:
            _reserved.append(reservation)
            return port
    raise AssertionError("no port is unused")
