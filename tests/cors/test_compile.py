from cors_proxy.cors.compile import Granting, compile_site
from cors_proxy.cors.decision import Forward, Grant
from cors_proxy.cors.pattern import parse_pattern
from cors_proxy.cors.place import Place
from cors_proxy.cors.spec import AmpSpec, CorsSpec, OriginRule, RouteSpec, SiteSpec

PLACE = Place("p.yaml", 1, 1)
ORIGINS = tuple(OriginRule(parse_pattern(f"https://a{number}.example"), PLACE) for number in range(1_000))


def route(index: int, cors: CorsSpec | None, **more: object) -> RouteSpec:
    return RouteSpec(index, f"r{index}", f"/r{index}/**", PLACE, cors=cors, **more)  # type: ignore[arg-type]


def test_an_allowed_origin_s_decision_is_made_at_load() -> None:
    compiled = compile_site(
        SiteSpec((), route(0, CorsSpec(ORIGINS, credentials=True, expose=("X-A", "X-B"))))
    ).default
    forward = compiled.allowed[b"https://a7.example"]
    assert isinstance(forward, Forward) and compiled.allow(b"https://a7.example") is forward
    assert forward.grant.lines == (
        (b"Access-Control-Allow-Origin", b"https://a7.example"), (b"Access-Control-Allow-Credentials", b"true"),
        (b"Access-Control-Expose-Headers", b"X-A, X-B"),
    )  # fmt: skip
    assert forward.grant.vary == (b"Origin",)


def test_routes_that_inherit_share_what_is_made_of_it() -> None:
    cors = [CorsSpec(ORIGINS, methods=("GET",) if index % 2 else ("PUT",)) for index in range(100)]
    compiled = compile_site(
        SiteSpec(tuple(route(index, spec) for index, spec in enumerate(cors)), route(100, CorsSpec()))
    )
    first = compiled.routes[0]
    assert all(other.origins is first.origins and other.allowed is first.allowed for other in compiled.routes)
    assert compiled.routes[1].methods == {b"GET"}


def test_routes_whose_grants_differ_do_not() -> None:
    compiled = compile_site(
        SiteSpec((route(0, CorsSpec(ORIGINS)), route(1, CorsSpec(ORIGINS, credentials=True))), route(2, None))
    )
    assert (
        compiled.routes[0].allowed[b"https://a0.example"] != compiled.routes[1].allowed[b"https://a0.example"]
    )
    assert compiled.default.hands_off and compiled.default.mode == ""


def test_what_a_reader_missed_is_never_granted() -> None:
    """The last wall: a header that no preflight may allow, whatever the policy's reader let through."""
    spec = CorsSpec(
        ORIGINS,
        headers=("X-A", "AMP-Same-Origin", "Cookie", "Access-Control-Allow-Origin"),
        preflight_list="full",
    )
    preflights = compile_site(SiteSpec((), route(0, spec))).default.preflights
    assert preflights is not None and (preflights.headers, preflights.all_headers) == (
        frozenset({b"x-a"}),
        b"x-a",
    )


def test_grants() -> None:
    plain = Grant(vary=(b"Origin",), timing=b"*", resource_policy=b"same-site")
    publisher = AmpSpec((OriginRule(parse_pattern("https://example.com"), PLACE),))

    def lines(cors: CorsSpec, amp: AmpSpec | None = None) -> dict[bytes, bytes]:
        granted = Granting(cors, plain, amp)(b"https://a.example")
        assert (granted.vary, granted.timing, granted.resource_policy) == (
            plain.vary,
            plain.timing,
            plain.resource_policy,
        )
        assert granted.expose_all is (cors.expose_any and cors.credentials)
        return dict(granted.lines)

    expose = b"Access-Control-Expose-Headers"
    assert lines(CorsSpec()) == {b"Access-Control-Allow-Origin": b"https://a.example"}
    assert lines(CorsSpec(expose_any=True))[expose] == b"*"
    assert expose not in lines(CorsSpec(expose_any=True, credentials=True))
    assert expose not in lines(
        CorsSpec(expose=("X-A",), expose_any=True, credentials=True)
    )  # one line, made for each response
    assert lines(CorsSpec(expose=("X-A",)), publisher)[expose] == b"X-A, AMP-Redirect-To"
    assert lines(CorsSpec(expose=("amp-redirect-TO",)), publisher)[expose] == b"amp-redirect-TO"
