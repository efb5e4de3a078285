"""The data path.  Its one rule: what goes upstream is what was judged, byte for byte, and a
response goes to the client that asked for it.

This is its map, from the top to the bottom.  Each module imports modules below it alone.  Where one
below has to call one above, it knows a small base class: `ResponseSink`, `PoolRequest`,
`ConnectionOwner`, `ClientEnd`, `Arrival`, `Admission`, `RequestSender`, `WriteQueue`.

edge.py        the listeners for traffic and for asks, the coarse clock, reload and drain
listener.py    its connections and their places
server.py      aiohttp's server, which holds them
grpc_connection.py  a connection of Envoy to the decision listener
ext_proc.py, ext_authz.py  what it asks;  grpc_head.py the request that it is about
grpc_messages.py  the messages, and how a call fails
ask.py         a connection of the decision listener, on which other engines ask
ask_verdict.py  the decision about an ask;  ask_head.py the request that it is about
client.py      one client connection: bytes in, requests in order, responses out
waiting_room.py  a connection arrives, and waits where there is no place yet
proxy_protocol.py  who it is from, where a load balancer says so
client_clock.py  how long each of its phases may last;  client_phase.py its phases
journey.py     a request's journey in one function
context.py     what all connections share: the policy in force, and what was made of it
proxy_exchange.py  a forwarded request's way to the upstream and back;  exchange_phase.py its phases
client_end.py  what an exchange knows of its client's connection
request_reader.py  requests from bytes, in order, within limits
pool.py        the connections to one upstream;  connect.py makes them
addresses.py   the addresses of one upstream, chosen by load;  resolver.py names to addresses
upstream.py    one connection to an upstream;  upstream_phase.py its phases
address.py     one address of an upstream, and whether it can be reached
response_sink.py  where the response to a request goes
tunnel.py      WebSockets
outbox.py      gathers a turn's writes
end.py         one end of a path: a client's connection or an upstream's, with its TLS
transport.py   the one place that writes to a connection and ends it
phase.py       named phases, and which may follow which
location.py    Location of a response, as the client can follow it
forwarding.py  the heads that are sent on;  recorder.py what is reported upwards
answers.py     the proxy's own responses
request_head.py, response_head.py  what a message head must be;  field_lines.py its lines
trace_context.py  the trace of a request, for `server.tracing`
chunks.py      where a chunked body ends
tls_state.py   TLS without a socket;  tls.py its contexts
tcp.py         what only the kernel knows of a connection
bounds.py      a route's limits and times;  rate.py the pace of an upload
token_bucket.py  limits how often something is done
"""
