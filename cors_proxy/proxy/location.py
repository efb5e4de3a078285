"""`rewrite_location`: Location and Content-Location of a response, as the client can follow them.

The API knows its own paths and perhaps its own name.  It does not know the prefix that
`strip_prefix` removed, nor that the base path of `upstream` was put before.
"""

from typing import Final

from ..policy.model import Forwarding

_NAMES: Final = (b"location", b"content-location")
_SCHEMES: Final = (b"http", b"https")
_DEFAULT_PORTS: Final = (b":80", b":443")
# What ends a path, or a segment that a prefix ends with (RFC 3986 3.3).
_PATH_ENDS: Final = b"/?#"


def rewrite_locations(kept: list[bytes], to: Forwarding, prefix: bytes, host: bytes) -> list[bytes]:
    """The field lines of a response, with Location and Content-Location rewritten.

    `prefix` is what was removed from the request's path, `host` is the Host that the client sent.
    """
    out = []
    for line in kept:
        name, _, value = line.partition(b":")
        if name.lower() in _NAMES:
            line = b"%b: %b" % (name, rewritten(value.strip(b" \t"), to, prefix, host))
        out.append(line)
    return out


def rewritten(location: bytes, to: Forwarding, prefix: bytes, host: bytes) -> bytes:
    """One URI reference.  It changes where it is a path, or names the API.

    Any other one stays: another server's, and a reference that is relative to the request's path.
    """
    if location[:1] == b"/" and not names_a_server(location):
        path = public_path(location, to.upstream.base, prefix)
        return location if path is None else path
    scheme, mark, rest = location.partition(b"://")
    if not mark or scheme.lower() not in _SCHEMES:
        return location
    end = next((at for at, byte in enumerate(rest) if byte in _PATH_ENDS), len(rest))
    authority, path_and_more = rest[:end], rest[end:]
    if path_and_more[:1] != b"/":
        path_and_more = b"/" + path_and_more
    name = _without_default_port(authority)
    path = public_path(path_and_more, to.upstream.base, prefix)
    if path is None:
        return location
    if to.preserve_host and name == _without_default_port(host):
        # The API got the client's own name for it.
        return b"%b://%b%b" % (scheme, authority, path)
    if any(name == _without_default_port(each.authority) for each in to.upstream.endpoints):
        return path
    return location


def public_path(path: bytes, base: bytes, prefix: bytes) -> bytes | None:
    """The client's path for one of the API's; None where the client has none.

    Without its base a path may begin with `//`, which would name another server (RFC 3986 4.2)."""
    if prefix and _begins_with(path, prefix):
        return path  # by an API that reads X-Forwarded-Prefix
    if not _begins_with(path, base):
        return None
    rest = path[len(base) :]
    path = prefix + (rest if rest[:1] == b"/" else b"/" + rest)
    return None if names_a_server(path) else path


def names_a_server(path: bytes) -> bool:
    """Browsers read `\\` as `/`, and drop tabs (https://url.spec.whatwg.org/#concept-basic-url-parser)."""
    return path.translate(None, b"\t")[1:2] in (b"/", b"\\")


def _begins_with(path: bytes, segments: bytes) -> bool:
    """Whether these are the first segments of the path, as a whole."""
    after = path[len(segments) : len(segments) + 1]
    return path.startswith(segments) and (not after or after in _PATH_ENDS)


def _without_default_port(authority: bytes) -> bytes:
    authority = authority.lower()
    return next((authority[: -len(port)] for port in _DEFAULT_PORTS if authority.endswith(port)), authority)
