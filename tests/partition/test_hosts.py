"""Hosts near the entries of lists."""

from cors_proxy.cors.hosts import HostList
from cors_proxy.partition.hosts import ADDRESS, host_candidates, origin_patterns, unlisted


def test_each_entry_has_hosts_that_it_matches_and_hosts_that_it_does_not() -> None:
    found = host_candidates(["api.example.com:8443", "*.b.example"])
    assert {b"api.example.com:8443", b"api.example.com", b"api.example.com:8081", ADDRESS} <= set(found)
    assert {b"zz.b.example", b"b.example", b"zz.b.example:8443"} <= set(found)


def test_an_address_has_no_name_below_it() -> None:
    assert not any(host.startswith(b"zz") for host in host_candidates(["127.0.0.1"]))


def test_one_is_unlisted_whatever_is_listed() -> None:
    entries = ["*.example", "*.test", "*.invalid", "zz.other"]
    assert not HostList(entries).matches(unlisted(entries))
    assert unlisted([]) == b"api.example" == host_candidates([])[0]
    assert b"zzz.other" not in host_candidates(["zz.other"]) and b"zzz.zz.other" in host_candidates(
        ["zz.other"]
    )


def test_origins_that_equal_a_listed_host() -> None:
    def patterns(entry: str) -> list[str]:
        return [pattern.text for pattern in origin_patterns([entry])]

    assert patterns("API.example") == ["https://api.example:*", "http://api.example:*"]
    assert patterns("*.example:8443") == ["https://*.example:8443", "http://*.example:8443"]
    assert patterns("api.example:443") == ["http://api.example:443"]
