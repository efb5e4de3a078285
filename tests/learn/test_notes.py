"""What a person has to know about the records."""

from cors_proxy.learn.notes import notes
from tests.learn.records import APP, evidence, request


def test_what_was_not_counted_is_said() -> None:
    found = evidence(request(None, ""), request(APP, "", status=404), request("bad", ""))
    text = "\n".join(notes(found))
    assert "Browsers keep the answers to preflights" in text and "(once)" in text
    assert "404" in text and "Origins that no browser sends" in text and "ambiguous" not in text
