"""What a feed sends: both forms, all or nothing, and in pieces."""

import json

import pytest

from cors_proxy.cors.feeds import FeedList
from cors_proxy.cors.spec import OriginFeed
from cors_proxy.policy.feed_list import MAX_ENTRIES, ListError, pack, read_list, read_whole, unpack

EXACT, PATTERNS = OriginFeed("http://api/o"), OriginFeed("http://api/o", patterns=True)
ONE, TWO = "https://one.example", "https://two.example"


@pytest.mark.parametrize(
    "body",
    [
        f"{ONE}\n{TWO}\n",
        f"\ufeff# tenants\r\n{ONE}\r\n\r\n  \n{TWO}",
        f'["{ONE}","{TWO}"]',
        f'\ufeff \n [ "{ONE}" ,\r\n\t"{TWO}" ] \n',
        json.dumps([ONE, TWO, ONE], indent=2),
        f'["{ONE}", "{TWO}"]'.replace("/", "\\/"),  # as PHP's json_encode writes it
        f'["{ONE}", "\\u0068ttps://two.example"]',
    ],
)
def test_both_forms(body: str) -> None:
    found = read_whole(body.encode(), EXACT)
    assert found.exact == {ONE.encode(), TWO.encode()} and not found.patterns


@pytest.mark.parametrize("body", ["", "\n", "# nobody\n", "[]", " [ ] "])
def test_nobody(body: str) -> None:
    assert len(read_whole(body.encode(), EXACT)) == 0


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (f"{ONE}\n{TWO}/\n", 'line 2: "https://two.example/": a slash'),
        (f"\n# x\n {ONE}", "line 3: "),
        ("HTTPS://ONE.EXAMPLE", "line 1: "),
        (f"{ONE} {TWO}", "line 1: "),
        ("*", "line 1: "),
        ("null", 'line 1: "null": null is not allowed in a feed'),
        ("https://*.example.com", "line 1: "),
        ("https://é.example", "line 1: "),
        ("https://\xff.example", "line 1: "),
        (f"{ONE}\0", "line 1: "),
        ("https://" + "a" * 2000, "line 1 is longer than 1024 bytes"),
        ("<!doctype html>", "line 1: "),
        (f'["{ONE}", 1]', "entry 2 of the JSON list is not a string"),
        (f'["{ONE}", null]', "entry 2 of the JSON list is not a string"),
        (f'["{ONE}", ["{TWO}"]]', "entry 2 of the JSON list is not a string"),
        (f'["{ONE}",]', "entry 2 of the JSON list is not a string"),
        (f'["{ONE}" "{TWO}"]', "no comma and no end of the JSON list after entry 1"),
        (f'["{ONE}"', "no comma and no end of the JSON list after entry 1"),
        (f'["{ONE}"] x', "text after the JSON list"),
        ("[] []", "text after the JSON list"),
        ('["https://one', "not JSON: "),
        ('["' + "a" * 9000 + '"]', "entry 1 is longer than 1024 bytes"),
        ('["' + "a" * 9000, "entry 1 is longer than 1024 bytes"),
        ('["' + "\\u0061" * 1025 + '"]', "entry 1 is longer than 1024 bytes"),
        ('["' + "\\u0061" * 1024 + '"]', 'entry 1: "aaa'),
        ("[" + " " * 70000 + f'"{ONE}"]', "entry 1 of the JSON list is not a string"),
        ('["https://one\n"]', "not JSON: "),
        ('["\\ud800"]', "entry 1: "),
        ("[", "entry 1 of the JSON list is not a string"),
        (f'{{"origins": ["{ONE}"]}}', "line 1: "),
    ],
)
def test_one_bad_entry_rejects_all(body: str, message: str) -> None:
    with pytest.raises(ListError) as caught:
        read_whole(body.encode("utf-8", "surrogateescape"), EXACT)
    assert str(caught.value).startswith(message)
    assert str(caught.value).isprintable() and len(str(caught.value)) < 300


def test_json_that_is_not_utf8() -> None:
    with pytest.raises(ListError, match="not UTF-8"):
        read_whole(b'["\xff"]', EXACT)


def test_patterns_only_where_the_feed_has_them() -> None:
    found = read_whole(b"https://*.example.com\nhttps://one.example\nhttp://localhost:*", PATTERNS)
    assert found.patterns == {b"https://*.example.com", b"http://localhost:*"}
    assert found.names(b"https://a.b.example.com") and found.names(b"https://one.example")
    for entry in (b"*", b"null"):
        with pytest.raises(ListError, match="not allowed in a feed"):
            read_whole(entry, PATTERNS)


def test_no_wildcard_over_a_public_suffix() -> None:
    with pytest.raises(ListError, match="public suffix github.io"):
        read_whole(b"https://*.example.com\nhttps://*.github.io", PATTERNS)
    permitted = OriginFeed("http://api/o", patterns=True, public_suffix_wildcards=True)
    assert read_whole(b"https://*.github.io", permitted).patterns == {b"https://*.github.io"}


def test_bounds() -> None:
    line = b"https://a.example\n"
    assert len(read_whole(line * MAX_ENTRIES, EXACT)) == 1
    with pytest.raises(ListError, match="more than 100000 entries"):
        read_whole(line * (MAX_ENTRIES + 1), EXACT)
    with pytest.raises(ListError, match="larger than 8 MiB"):
        read_whole(b"\n" * ((8 << 20) + 1), EXACT)


def test_it_comes_in_pieces() -> None:
    def pieces(body: str) -> int:
        reading, count = read_list(body.encode(), EXACT), 0
        while True:
            try:
                next(reading)
            except StopIteration:
                return count
            count += 1

    origins = [f"https://a{number}.example" for number in range(1000)]
    assert pieces("\n".join(origins)) >= 20
    assert pieces("\n" * 1000) >= 20
    assert pieces(json.dumps(origins)) >= 20


def test_to_another_process_and_back() -> None:
    found = read_whole(b"https://one.example\nhttps://*.example.com\n", PATTERNS)
    for each in (found, FeedList()):
        reading = unpack(pack(each))
        with pytest.raises(StopIteration) as end:
            while True:
                next(reading)
        assert end.value.value.same(each)
