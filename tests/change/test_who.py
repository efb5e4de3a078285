"""Who a difference is about."""

import pytest

from tests.change.comparing import compared


@pytest.mark.parametrize(
    ("after", "who"),
    [
        (
            "cors: {origins: [https://a.example, 'https://*.b.example']}",
            {"https://a.example", "https://*.b.example"},
        ),
        ("cors: {origins: [null]}", {"null"}),
        ("cors: {origins: '*'}", {"any origin"}),
        ("cors: {accept_from: [https://idp.example]}", {"https://idp.example"}),
        ("hosts: [api.example.com]", {"an Origin that equals Host"}),
    ],
)
def test_entries_or_a_description(after: str, who: set[str]) -> None:
    gained = [part for finding in compared("", after).findings if finding.gained for part in finding.parts]
    assert {name for part in gained for name in part.who} == who
