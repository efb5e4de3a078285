from cors_proxy.learn.groups import SLUGS, cluster
from cors_proxy.learn.openapi import Operation
from cors_proxy.learn.paths import pattern

from .records import APP, EVIL, OTHER, evidence, request

NAMES = [f"name-{letter}{other}" for letter in "abcdef" for other in "ghijk"]


def patterns(*records) -> list[str]:  # type: ignore[no-untyped-def]
    return sorted(
        f"{group.host}{pattern(group.parts)}" for group in cluster(evidence(*records).endpoints.values())
    )


def test_many_words_at_one_place_are_values() -> None:
    found = patterns(*(request(APP, APP, path=f"/users/{name}/posts") for name in NAMES))
    assert found == ["/users/*/posts"]


def test_as_many_as_resources_may_be_are_words() -> None:
    assert len(patterns(*(request(APP, APP, path=f"/{name}") for name in NAMES[:SLUGS]))) == SLUGS


def test_another_shape_is_a_resource() -> None:
    found = patterns(
        *(request(APP, APP, path=f"/users/{name}") for name in NAMES),
        request(APP, APP, path="/users/me/keys"),
    )
    assert found == ["/users/*", "/users/me/keys"]


def test_where_the_api_refuses_it_is_another_route() -> None:
    """An origin that is granted at other words was refused at this one."""
    found = patterns(
        *(request(APP, APP, path=f"/{name}") for name in NAMES[1:]),
        request(EVIL, EVIL, path="/admin"),
        request(APP, "", path="/admin"),
    )
    assert found == ["/*", "/admin"]


def test_paths_without_a_grant_are_not_values() -> None:
    found = patterns(*(request(OTHER, "", path=f"/{name}") for name in NAMES))
    assert len(found) == len(NAMES)


def test_hosts_are_apart_and_a_record_without_one_belongs_to_the_only_one() -> None:
    one, two = request(APP, APP, host="a.example"), request(APP, APP, host="b.example:443")
    nowhere = request(APP, APP)
    assert patterns(one, nowhere) == ["a.example/items"]
    assert patterns(one, two, nowhere) == ["/items", "a.example/items", "b.example/items"]


def test_documented_words_are_no_values() -> None:
    operations = [Operation((name,), "GET") for name in NAMES]
    found = evidence(*(request(APP, APP, path=f"/{name}") for name in NAMES), operations=operations)
    assert len(cluster(found.endpoints.values())) == len(NAMES)


def test_a_documented_value_is_one_at_once() -> None:
    operations = [Operation(("users", "*"), "GET")]
    found = evidence(
        request(APP, APP, path="/users/ada"), request(APP, APP, path="/users/bob"), operations=operations
    )
    assert [pattern(group.parts) for group in cluster(found.endpoints.values())] == ["/users/*"]
