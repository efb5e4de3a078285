"""A comparison as annotations."""

from cors_proxy.change.annotations import as_annotations
from tests.change.comparing import compared


def test_one_for_each_finding_and_setting() -> None:
    found = as_annotations(
        compared("", "cors: {origins: [https://a.example]}\nserver: {workers: 2}\n"), "new.yaml"
    )
    first, second = found.splitlines()
    assert first.startswith(
        "::error file=new.yaml,line=3,col=18,title=cors-proxy%3A danger::https://a.example: may now"
    )
    assert (
        second == "::notice file=new.yaml,line=4,col=10,title=cors-proxy%3A setting::server.workers: 1 -> 2"
    )


def test_what_is_on_no_line_is_at_the_start() -> None:
    assert as_annotations(compared("hosts: [a.example]", ""), "new.yaml").startswith(
        "::error file=new.yaml,line=1,col=1,"
    )
