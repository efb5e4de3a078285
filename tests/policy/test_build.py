"""From sections to values: defaults, inheritance, and what a route replaces."""

from cors_proxy.cors.place import Place
from cors_proxy.cors.spec import CorsSpec, RouteSpec

from .reading import codes, read

TOP = "cors: {origins: [https://app.example], methods: [GET, PUT], headers: [X-A], credentials: true, max_age: 5, timing: '*'}\n"


def route(text: str, top: str = TOP) -> RouteSpec:
    return read(top + f"routes: [{{path: /x, {text}}}]\n").spec.routes[0]


def cors(text: str, top: str = TOP) -> CorsSpec:
    spec = route(text, top).cors
    assert spec is not None
    return spec


def origins(spec: CorsSpec) -> list[str]:
    return [str(rule.pattern) for rule in spec.origins]


def test_a_minimal_policy_has_the_defaults_of_the_model() -> None:
    spec = read("").spec
    assert spec.default.cors == CorsSpec()
    assert (spec.hosts, spec.self_origins, spec.debug, spec.report_only, spec.routes) == (
        None,
        None,
        False,
        False,
        (),
    )
    assert (spec.default.index, spec.default.path, spec.default.mode) == (0, "/**", "enforce")


def test_every_key() -> None:
    text = (
        "cors: {origins: [https://a.example], accept_from: [https://b.example], methods: '*', headers: ['*', Authorization], expose: ['*'],"
        " credentials: true, max_age: 2h, preflight: {status: 200, list: full}, private_network: true, timing: [https://a.example],"
        " resource_policy: same-site, without_origin: deny, websocket: deny}\n"
    )
    spec = read(text).spec.default.cors
    assert spec is not None
    assert (
        spec.methods is None
        and spec.any_header
        and spec.headers == ("Authorization",)
        and spec.expose_any
        and spec.expose == ()
    )
    assert (spec.max_age, spec.preflight_status, spec.preflight_list, spec.private_network) == (
        7200,
        200,
        "full",
        True,
    )
    assert (spec.timing, spec.resource_policy, spec.without_origin, spec.websocket) == (
        ("https://a.example",),
        "same-site",
        "deny",
        False,
    )
    assert spec.places["timing"] == Place("policy.yaml", 3, 225)


def test_a_route_inherits_what_it_does_not_set() -> None:
    spec = cors("cors: {methods: [DELETE], credentials: false}")
    assert origins(spec) == ["https://app.example"]
    assert (spec.methods, spec.headers, spec.credentials, spec.max_age, spec.timing) == (
        ("DELETE",),
        ("X-A",),
        False,
        5,
        ("*",),
    )


def test_lists_are_replaced_never_merged() -> None:
    spec = cors("cors: {origins: [https://b.example], headers: [], timing: []}")
    assert (origins(spec), spec.headers, spec.timing) == (["https://b.example"], (), None)


def test_the_star_has_fewer_methods_by_default() -> None:
    assert cors("cors: {origins: '*'}", "").methods == ("GET", "HEAD")
    assert cors("cors: {origins: '*', methods: POST}", "").methods == ("POST",)
    assert cors("cors: {origins: '*', credentials: false}").methods == ("GET", "PUT")


def test_an_amp_route_takes_no_inherited_origins() -> None:
    spec = route(
        "amp: {publisher: [https://e.example, https://f.example], caches: c.example, source_origin: check}"
    )
    assert spec.cors is not None and spec.amp is not None
    assert (origins(spec.cors), spec.cors.credentials, spec.cors.headers) == ([], True, ("X-A",))
    assert ([str(rule.pattern) for rule in spec.amp.publishers], spec.amp.caches, spec.amp.source_origin) == (
        ["https://e.example", "https://f.example"],
        ("c.example",),
        "check",
    )
    assert origins(cors("amp: {publisher: https://e.example}, cors: {origins: https://g.example}")) == [
        "https://g.example"
    ]


def test_email_senders() -> None:
    amp = route("amp: {email: {senders: [Anna@SHOP.example, '*@lists.example']}}").amp
    assert amp is not None
    assert [sender for sender, _ in amp.senders] == ["Anna@shop.example", "*@lists.example"]


def test_cors_off() -> None:
    assert route("cors: off").cors is None
    assert codes("routes: [{path: /x, cors: false}]\n") == ["E203"]
    assert codes("routes: [{path: /x, cors: 'off'}]\n") == []


def test_conditions_and_names() -> None:
    spec = route("method: GET, host: [CDN.example:8443], name: feed")
    assert (spec.methods, spec.hosts, spec.name, spec.place) == (
        ("GET",),
        ("cdn.example:8443",),
        "feed",
        Place("policy.yaml", 4, 11),
    )
    assert route("method: [GET, HEAD]").name == "/x"


def test_path_words_are_inherited_or_replaced() -> None:
    top = "dangerously_allow: [encoded-slashes, public-suffix-wildcards]\n"
    assert route("mode: enforce", top).path_words == {"encoded-slashes"}
    assert route("dangerously_allow: empty-segments", top).path_words == {"empty-segments"}
    assert route("dangerously_allow: []", top).path_words == frozenset()
    assert route("dangerously_allow: path-variants", top).path_words == {"path-variants"}


def test_report_only() -> None:
    report = "mode: report\n"
    assert read(report).spec.report_only
    assert read(report + "routes: [{path: /x, cors: off, mode: enforce}, {path: /y}]\n").spec.report_only
    assert not read(report + "routes: [{path: /y, mode: headers}]\n").spec.report_only
    assert not read("routes: [{path: /y, mode: report}]\n").spec.report_only


def test_a_wrong_key_does_not_fall_back_to_what_it_replaces() -> None:
    assert codes(
        "cors: {credentials: true}\nroutes: [{path: /x, cors: {origins: '*', credentials: nope}}]\n"
    ) == ["E204"]


def test_forwarding() -> None:
    policy = read(
        "upstream_host: upstream\nroutes: [{path: /a/**, strip_prefix: /a/}, {path: /%62/**, strip_prefix: /b, upstream: https://b:444/v1},"
        " {path: /c, upstream_host: preserve}]\n"
    )
    assert [
        (str(one.upstream), one.upstream.base, one.preserve_host, one.strip_prefix)
        for one in policy.forwarding
    ] == [
        ("http://api:3000", b"", False, b"/a"),
        ("https://b:444", b"/v1", False, b"/b"),
        ("http://api:3000", b"", True, b""),
        ("http://api:3000", b"", False, b""),
    ]
