"""Where `isolate` has no effect, and where the retry of `storage_access` would be refused."""

import pytest

from .reading import codes


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("self_origins: https://a.example\ncors: {without_origin: isolate}\n", []),
        (
            "self_origins: ['http://localhost:8080', 'http://127.0.0.1']\ncors: {without_origin: isolate}\n",
            [],
        ),
        ("self_origins: http://a.example\n", []),
        ("self_origins: http://a.example\nroutes: [{path: /a, cors: {without_origin: isolate}}]\n", ["W406"]),
    ],
)
def test_isolate_over_plain_http(text: str, expected: list[str]) -> None:
    assert codes(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("storage_access: none", []),
        ("credentials: true, storage_access: retry", []),
        ("credentials: true, storage_access: retry, without_origin: allow", []),
        ("credentials: true, storage_access: retry, without_origin: {isolate: {embed: iframe}}", []),
        ("credentials: true, storage_access: retry, without_origin: {isolate: {report: true}}", []),
        ("credentials: true, storage_access: retry, without_origin: {isolate: {same_site: allow}}", ["E411"]),
    ],
)
def test_where_a_retry_passes(text: str, expected: list[str]) -> None:
    assert codes(f"cors: {{origins: https://a.example, {text}}}\n") == expected
