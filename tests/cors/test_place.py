"""Where a rule stands, as text."""

from cors_proxy.cors.place import Place


def test_a_header_holds_printable_ascii_alone() -> None:
    assert str(Place("policy.yaml", 14, 3)) == "policy.yaml:14"
    assert Place("policy.yaml", 14, 3).header() == b"policy.yaml:14"
    assert Place("p\u00f6licy\r\nX: y.yaml", 2, 1).header() == b"p\\u00f6licy\\r\\nX: y.yaml:2"
