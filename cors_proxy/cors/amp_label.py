"""The label of a publisher's host in front of an AMP cache's domain.

Three published forms of the algorithm differ for some hosts, so a publisher has a set of labels:
that of the cache-url library, the documented one, and the hash that caches fall back to
(https://amp.dev/documentation/guides-and-tutorials/learn/amp-caches-and-cors/amp-cache-urls/).

Labels are only computed from the policy's publishers, and compared for equality.  They are never
turned back into hosts, and never matched by suffix: another site's host could make the same
label."""

from base64 import b32encode
from hashlib import sha256
from typing import Final

_MAX_LABEL: Final = 63
# Letters by direction, as the cache-url library tells them apart
_LTR: Final = (
    (0x41, 0x5A), (0x61, 0x7A), (0xC0, 0xD6), (0xD8, 0xF6), (0xF8, 0x2B8), (0x300, 0x590), (0x800, 0x1FFF),
    (0x200E, 0x200E), (0x2C00, 0xFB1C), (0xFDFE, 0xFE6F), (0xFEFD, 0xFFFF),
)  # fmt: skip
_RTL: Final = ((0x591, 0x6EF), (0x6FA, 0x7FF), (0x200F, 0x200F), (0xFB1D, 0xFDFD), (0xFE70, 0xFEFC))


def labels(host: str) -> tuple[str, ...]:
    """The labels of an ASCII (punycode) host, without repeats, the library's first."""
    return tuple(
        dict.fromkeys(label for label in (_library(host), _documented(host), _hash(host)) if _is_label(label))
    )


def _library(host: str) -> str:
    """As @ampproject/toolbox-cache-url does it: the hash where a label would be hard to read, and
    `0-…-0` by the encoded label."""
    unicode = _to_unicode(host)
    if host[2:4] == "--" and not host.startswith("xn"):
        return _hash(host)
    if len(host) > _MAX_LABEL or "." not in host or (_has(unicode, _LTR) and _has(unicode, _RTL)):
        return _hash(host)
    label = _to_ascii(_hyphens(unicode))
    if len(label) > _MAX_LABEL:
        return _hash(host)
    return f"0-{label}-0" if label[2:4] == "--" and not label.startswith("xn") else label


def _documented(host: str) -> str:
    label = _hyphens(_to_unicode(host))
    if label[2:4] == "--":
        label = f"0-{label}-0"
    return _to_ascii(label)


def _hash(host: str) -> str:
    """Of the host as Origin and Host carry it."""
    return b32encode(sha256(host.encode("ascii")).digest()).decode("ascii").rstrip("=").lower()


def _hyphens(unicode: str) -> str:
    return unicode.replace("-", "--").replace(".", "-")


def _has(text: str, ranges: tuple[tuple[int, int], ...]) -> bool:
    # The library reads UTF-16: a letter beyond the basic plane is two surrogates, which it counts
    # as left-to-right
    return any(
        low <= min(ord(letter), 0xD800 if ord(letter) > 0xFFFF else 0xFFFF) <= high
        for letter in text
        for low, high in ranges
    )


def _to_unicode(host: str) -> str:
    """RFC 3492; a label that does not decode stays as it is."""
    return ".".join(map(_decode_label, host.split(".")))


def _decode_label(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        return label[4:].encode("ascii").decode("punycode")
    except (UnicodeError, OverflowError):
        return label


def _to_ascii(label: str) -> str:
    if label.isascii():
        return label
    try:
        return "xn--" + label.encode("punycode").decode("ascii")
    except UnicodeError:
        return ""


def _is_label(label: str) -> bool:
    """RFC 1123 §2.1"""
    letters = label.isascii() and label == label.lower() and label.replace("-", "").isalnum()
    return letters and len(label) <= _MAX_LABEL and "-" not in (label[0], label[-1])
