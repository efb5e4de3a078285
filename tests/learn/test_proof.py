"""What proves an origin, and what a visitor can write into a log without proving one."""

import pytest

from cors_proxy.learn.proof import prove
from cors_proxy.learn.seen import Seen

from .records import APP, EVIL, OTHER, endpoint, preflight, request

GRANT = request(APP, APP)
REFLECTED = request(EVIL, EVIL)


@pytest.mark.parametrize(
    "refusal",
    [
        request(OTHER, ""),
        request(OTHER, APP),
        request(OTHER, APP, status=403),
        request(OTHER, APP, method="POST"),  # it names another origin, whatever the method
    ],
)
def test_granted_and_another_one_refused_alike(refusal: Seen) -> None:
    proof = prove(endpoint(GRANT, refusal))
    assert proof.origins == {APP} and proof.refused == {OTHER}


def test_preflights_prove_by_method_and_headers() -> None:
    granted = preflight(APP, APP, "PUT", ("content-type", "x-token"))
    assert prove(endpoint(granted, preflight(OTHER, "", "PUT", ("content-type",)))).origins == {APP}


@pytest.mark.parametrize(
    "forged",
    [
        [],
        [request(OTHER, OTHER)],  # it grants every origin
        [request(OTHER, "", status=403)],  # a firewall
        [request(OTHER, "", status=500)],
        [request(OTHER, "", status=404)],
        [request(OTHER, "*")],
        [request(OTHER, None)],
        [request(OTHER, "", method="DELETE")],  # a method that gets no CORS headers
        [preflight(OTHER, "", "PUT", ("x-bad",))],  # the header was refused, not the origin
        [preflight(OTHER, "", "TRACE")],
        [preflight(OTHER, "", "GET", status=403)],
        [request(OTHER, OTHER), request(OTHER, "")],  # refused once, by something else
        [preflight(OTHER, OTHER, "PUT"), preflight(OTHER, "", "PUT")],
        [request("https://Other.example", "")],  # no browser sends it
        [request(OTHER, "https://a.example, https://b.example")],  # no browser accepts it
    ],
)
def test_a_visitor_proves_nothing_to_an_api_that_grants_every_origin(forged: list[Seen]) -> None:
    granted = preflight(EVIL, EVIL, "PUT", ("content-type",))
    assert not prove(endpoint(GRANT, REFLECTED, granted, *forged)).origins


def test_null_is_never_proven() -> None:
    assert not prove(endpoint(request("null", "null"), request(OTHER, ""))).origins


def test_what_is_granted_and_refused_alike_is_not_proven() -> None:
    proof = prove(endpoint(GRANT, request(APP, ""), request(OTHER, "")))
    assert not proof.origins and proof.unsteady == {APP}


def test_a_cache_cannot_refuse_a_preflight() -> None:
    """One origin is unsteady, so requests show nothing; the preflight still does."""
    records = [GRANT, REFLECTED, request(EVIL, ""), request(OTHER, "")]
    assert not prove(endpoint(*records)).origins
    more = [preflight(APP, APP), preflight(OTHER, "")]
    assert prove(endpoint(*records, *more)).origins == {APP}


def test_a_page_that_asked_for_too_much_is_steady() -> None:
    """Some APIs send no CORS header at all where they refuse a method or header."""
    records = [preflight(APP, APP), preflight(APP, "", "PUT", ("x-new",)), preflight(OTHER, "")]
    assert prove(endpoint(*records)).origins == {APP}
