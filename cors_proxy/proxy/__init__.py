"""The data path.  Its one rule: what goes upstream is what was judged, byte for byte, and what comes back belongs to the one who asked.

edge.py        listeners, the set of client connections, the coarse clock, reload and drain
request_reader.py  requests from bytes, in order, within limits
client.py      one client connection: bytes in, requests in order, answers out
journey.py     a request's journey in one function
proxy_exchange.py  a forwarded request's way to the upstream and back
upstream.py    one connection to an upstream;  pool.py keeps them, connect.py makes them
request_head.py, response_head.py  what a message head must be;  field_lines.py its lines
forwarding.py  the heads that are sent on
transport.py   the one place that writes to a connection and ends it;  outbox.py gathers a turn's writes
tcp.py         what only the kernel knows of a connection;  waiting_room.py one without a place yet
answers.py     the proxy's own answers;  tunnel.py WebSockets;  tls.py contexts;  tls_state.py TLS without a socket
bounds.py      a route's limits and times;  rate.py the pace of an upload
chunks.py      where a chunked body ends
recorder.py    what is reported upwards
"""
