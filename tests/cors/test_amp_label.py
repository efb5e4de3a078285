import re
from base64 import b32encode
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given

from cors_proxy.cors.amp_label import labels

from .strategies import hosts, thorough

VECTORS = [
    line.split()
    for line in (Path(__file__).parent / "amp_labels.txt").read_text("utf-8").splitlines()
    if not line.startswith("#")
]


@pytest.mark.parametrize("vector", VECTORS, ids=[vector[0][:40] for vector in VECTORS])
def test_vectors(vector: list[str]) -> None:
    """The set is exactly the published opinions and the hash, without what is no label."""
    host, *published = vector
    assert set(labels(host)) == {
        *published,
        b32encode(sha256(host.encode()).digest()).decode().rstrip("=").lower(),
    }


@pytest.mark.parametrize(("host", "label"), [
    # seen at the Google cache; the second pair before 2020, when hosts with hyphens third and fourth were hashed
    ("re-engines.com", "0-re--engines-com-0"),
    ("thrilling-bubble-feast.glitch.me", "thrilling--bubble--feast-glitch-me"),
    ("it-trend.jp", "2lxpkiez55rzu2pt2kc33spxb3wf4g5sfqtlv7bhkfxxilekt2gq"),
    ("xn--bcher-kva.ch", "xn--bcher-ch-65a"),
])  # fmt: skip
def test_observed(host: str, label: str) -> None:
    assert label in labels(host)


def test_the_library_s_label_stands_first() -> None:
    assert labels("example.com")[0] == "example-com"


@thorough
@given(hosts.map(lambda raw: raw.decode().strip("[]")))
def test_only_labels(host: str) -> None:
    found = labels(host)
    assert found and len(set(found)) == len(found)
    assert all(re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", label) for label in found)


def test_broken_punycode_does_not_raise() -> None:
    for host in (
        "xn--.com",
        "xn--\x7f.com",
        "xn--99999999999999999999.com",
        "xn--a-.com",
        "xn--ls8h=.la",
        "xn--" + "a" * 240,
    ):
        assert labels(host)
