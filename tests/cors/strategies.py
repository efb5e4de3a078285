"""What Hypothesis draws: origins as browsers send them, texts that are nearly one, and requests of their pieces."""

from hypothesis import settings
from hypothesis import strategies as st

from cors_proxy.cors.origin import DEFAULT_PORTS, Origin

# The same examples each time; `make check` tries as many as its profile has.
thorough = settings(max_examples=max(500, settings().max_examples), deadline=None, derandomize=True)

labels = st.text("abxz019-_", min_size=1, max_size=6).filter(lambda label: not label.isdigit())
names = st.lists(labels, min_size=1, max_size=4).map(lambda parts: ".".join((*parts, "x")).encode())
addresses = st.tuples(*[st.integers(0, 255)] * 4).map(lambda parts: ".".join(map(str, parts)).encode())
hosts = names | addresses | st.sampled_from([b"[::1]", b"[2001:db8::7]", b"localhost", b"example.com."])


@st.composite
def origins(draw: st.DrawFn) -> Origin:
    """A tuple origin."""
    scheme = draw(st.sampled_from([b"http", b"https", b"capacitor", b"moz-extension"]))
    port = draw(st.none() | st.integers(1, 65535).filter(lambda number: number != DEFAULT_PORTS.get(scheme)))
    return Origin(scheme, draw(hosts), port)


# Pieces that make near misses of https://app.example, https://*.apps.example:8443, https://pr-*.example.com and http://localhost:*
_PIECES = [
    b"https://", b"http://", b"app", b"apps", b".example", b"a", b".", b"pr-", b"1", b"x_y", b".example.com", b"localhost", b":8443",
    b":443",
    b":3000", b":0", b"/", b"@", b",", b" ", b"null", b"*", b"%61", b"A", b"\xe9", b"\t", b"-", b"https://app.example", b"[::1]", b"evil",
    b".net",
]  # fmt: skip
near_origins = st.lists(st.sampled_from(_PIECES), max_size=6).map(b"".join)
wire_values = near_origins | st.binary(max_size=24)
