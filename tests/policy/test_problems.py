"""Each code with its place and its hint: one row for each way in which a policy can be wrong."""

import pytest

from cors_proxy.cors.place import Place
from cors_proxy.policy.problems import CODES, Findings, PolicyProblems, Problem, quote

from .reading import problems

APP = "  origins: [https://app.example]\n"

# text behind the two required keys -> code, line:column, a part of the hint
ROWS = [
    ("server: {tracing: {sample: 0.01}}\n", "E204", "3:28", "write 1%"),
    ("server: {tracing: {sample: 5 %}}\n", "E204", "3:28", "write 5%"),
    ("server: {tracing: {sample: 101%}}\n", "E204", "3:28", ""),
    ("server: {tracing: {parent_rate: -1}}\n", "E204", "3:33", ""),
    ("server: {tracing: {parent_rate: 10/s}}\n", "E204", "3:33", ""),
    ("server: {tracing: {parent_rat: 10}}\n", "E201", "3:20", "parent_rate"),
    ("server: {tracing: {otlp: 'collector:4318'}}\n", "E204", "3:26", "write http://collector:4318"),
    ("server: {tracing: {otlp: 'http://c:4318/v1/traces'}}\n", "E204", "3:26", "write http://c:4318"),
    ("server: {tracing: {otlp: 'unix:/c.sock'}}\n", "E204", "3:26", ""),
    ("server: {tracing: true}\n", "E203", "3:19", ""),
    ("cors: {max_age: 1}\ncors: {}\n", "E106", "4:1", "keep one"),
    ("cors: {origins: *}\n", "E104", "3:17", '"*"'),
    ("cors: {origins: [*.example.com]}\n", "E104", "3:18", '"*.example.com"'),
    ("cors: {origins: *nowhere}\n", "E104", "3:17", '"*nowhere"'),
    ("mode: !!binary enforce\n", "E109", "3:7", "tag"),
    ("? [a]\n: b\n", "E109", "3:3", ""),
    ("mode: ${NOBODY_SET_THIS}\n", "E108", "3:7", "${NOBODY_SET_THIS:-a default}"),
    ("mode: ${not-a-name}\n", "E108", "3:7", "${NAME}"),
    ("corss: {}\n", "E201", "3:1", "write cors:"),
    ("zzz: {}\n", "E201", "3:1", "the keys here are version"),
    ("routes: [{name: x}]\n", "E202", "3:10", "add path:"),
    ("server: {tls: {key: k}}\n", "E202", "3:15", "add certificate:"),
    ("cors:\n", "E203", "3:6", ""),
    ("cors: [x]\n", "E203", "3:7", ""),
    ("routes: {path: /x}\n", "E203", "3:9", "- path:"),
    ("mode: [enforce]\n", "E203", "3:7", ""),
    ("mode: enforced\n", "E204", "3:7", "write enforce"),
    ("cors: {credentials: yes}\n", "E204", "3:21", "write true"),
    ("cors: {max_age: 1:00}\n", "E204", "3:17", ""),
    ("cors: {max_age: 500ms}\n", "E204", "3:17", "write 1s"),
    ("cors: {max_age: 1.5}\n", "E204", "3:17", "write 2s"),
    ("cors: {max_age: 86401}\n", "E204", "3:17", ""),
    ("cors: {preflight: {status: 302}}\n", "E204", "3:28", ""),
    ("cors: {preflight: {list: all}}\n", "E204", "3:26", ""),
    ("server: {limits: {body_bytes: 5MB}}\n", "E204", "3:31", "write 5MiB"),
    ("server: {limits: {connections: 0}}\n", "E204", "3:32", ""),
    ("server: {timeouts: {connect: 0}}\n", "E204", "3:30", ""),
    ("server: {trusted_proxies: [203.0.113.7/24]}\n", "E204", "3:28", "write 203.0.113.0/24"),
    ("listen: :8080\n", "E204", "3:9", "write 0.0.0.0:8080"),
    ("hosts: [https://api.example]\n", "E204", "3:9", "write api.example"),
    ("hosts: [bücher.example]\n", "E204", "3:9", "write xn--bcher-kva.example"),
    ("hosts: ['*.co.uk']\n", "E204", "3:9", ""),
    ("routes: [{path: /a, timeouts: {keep_alive: 1s}}]\n", "E206", "3:32", "write it under server.timeouts"),
    ("routes: [{path: /a, limits: {connections: 1}}]\n", "E206", "3:30", "write it under server.limits"),
    ("routes: [{path: /a, upstream: [http://a, https://b]}]\n", "E207", "3:42", "a route of its own"),
    ("routes: [{path: /a, upstream: [http://a, http://a]}]\n", "W207", "3:42", "remove it"),
    ("decide: {listen: 127.0.0.1:1, headers: x-original}\n", "E209", "3:31", "dialect: forwarded"),
    (
        "decide: {listen: 127.0.0.1:1, dialect: grpc, headers: x-original}\n",
        "E209",
        "3:46",
        "dialect: forwarded",
    ),
    ("hosts: []\n", "E205", "3:8", "leave the key out"),
    ("cors: {origins: []}\n", "E205", "3:17", "leave the key out"),
    ("cors: {methods: []}\n", "E205", "3:17", "leave the key out"),
    ("cors: {origins: [https://app.example/]}\n", "E301", "3:18", "write https://app.example"),
    ("cors: {origins: ['https://résumé.com/x']}\n", "E301", "3:18", "write https://xn--rsum-bpad.com"),
    ("cors: {origins: [app.example]}\n", "E301", "3:18", "write https://app.example"),
    ("cors: {origins: ['https://faß.de']}\n", "E301", "3:18", "write https://xn--fa-hia.de"),
    ("cors: {origins: ['https://a.*.example.com']}\n", "E302", "3:18", "list each"),
    ("cors: {origins: ['https://*.EXAMPLE.com']}\n", "E302", "3:18", "write https://*.example.com"),
    ("cors: {accept_from: ['*']}\n", "E303", "3:22", ""),
    ("self_origins: ['https://*.example.com']\n", "E303", "3:16", "name each"),
    ("self_origins: [null]\n", "E303", "3:16", ""),
    ("cors: {timing: [null]}\n", "E303", "3:17", ""),
    ("cors: {origins: ['https://*.co.uk']}\n", "E304", "3:18", "write https://*.your-name.co.uk"),
    (
        "cors: {accept_from: ['https://pr-*.github.io']}\n",
        "E304",
        "3:22",
        "public-suffix-wildcards",
    ),
    ("cors: {origins: [{file: nowhere.txt}]}\n", "E305", "3:25", "nowhere.txt"),
    ("cors: {origins: [{env: NOBODY_SET_THIS}]}\n", "E108", "3:24", "set it"),
    ("cors: {accept_from: [{url: 'http://a.example/o'}]}\n", "E306", "3:28", "use https"),
    ("cors: {origins: {url: 'http://203.0.113.7/o'}}\n", "E306", "3:23", "use https"),
    ("cors: {origins: {url: 'unix:/run/api.sock'}}\n", "E306", "3:23", ""),
    ("cors: {origins: {url: 'http://api:3000/o', every: 10m, stale: 5m}}\n", "E307", "3:63", "stale: 100m"),
    ("cors: {origins: {url: 'http://api/o', evry: 1m}}\n", "E201", "3:39", "write every"),
    ("cors: {origins: {url: 'http://api/o', every: 0.5s}}\n", "E204", "3:46", ""),
    ("cors: {origins: [{url: 'http://a/o'}, {url: 'http://a/o'}]}\n", "W301", "3:45", "keep one"),
    ("cors: {origins: ['*', {url: 'http://a/o'}]}\n", "W302", "3:18", "keep one"),
    ("cors: {origins: '*', credentials: true}\n", "E401", "3:17", "credentials: false"),
    ("cors: {origins: [null], credentials: true}\n", "E402", "3:18", "credentials: false"),
    (
        "cors: {origins: [http://app.example], credentials: true}\n",
        "E403",
        "3:18",
        "write https://app.example",
    ),
    ("cors: {origins: ['http://*.app.example:*'], credentials: true}\n", "E403", "3:18", ""),
    ("cors: {origins: ['moz-extension://*'], credentials: true}\n", "E404", "3:18", ""),
    ("cors: {origins: '*', private_network: true}\n", "E405", "3:17", "private_network: false"),
    ("cors: {methods: [GET, patch]}\n", "E406", "3:23", "write PATCH"),
    ("cors: {methods: [Track]}\n", "E406", "3:18", ""),
    ("routes: [{path: /x, method: [BREW]}]\n", "E406", "3:30", ""),
    ("cors: {headers: [Cookie]}\n", "E407", "3:18", ""),
    ("cors: {headers: [Sec-Fetch-Site]}\n", "E407", "3:18", ""),
    ("cors: {headers: [access-control-allow-origin]}\n", "E407", "3:18", ""),
    ("cors: {headers: [amp-same-origin]}\n", "E407", "3:18", ""),
    ("cors: {headers: ['X-Foo:']}\n", "E407", "3:18", "write X-Foo"),
    ("cors: {expose: [set-cookie]}\n", "E408", "3:17", ""),
    ("cors: {without_origin: {isolate: {embed: [font]}}}\n", "E409", "3:43", "in origins"),
    ("cors: {without_origin: {isolate: {embed: module-script}}}\n", "E409", "3:42", "in origins"),
    ("cors: {without_origin: {isolate: {embed: [image, Manifest]}}}\n", "E409", "3:50", "in origins"),
    ("cors: {storage_access: retry}\n", "E410", "3:8", "credentials: true"),
    (
        "cors: {credentials: true, storage_access: retry}\nroutes: [{path: /a, cors: {credentials: false}}]\n",
        "E410",
        "4:28",
        "storage_access: none",
    ),
    (
        "cors: {credentials: true, storage_access: retry, without_origin: isolate}\n",
        "E411",
        "3:27",
        "[iframe]",
    ),
    ("cors: {credentials: true, storage_access: retry, without_origin: deny}\n", "E411", "3:27", "none"),
    ("routes: [{path: api}]\n", "E501", "3:17", "write /api"),
    ("routes: [{path: '/a?b'}]\n", "E501", "3:17", "write /a"),
    ("routes: [{path: /a/../b}]\n", "E501", "3:17", ""),
    ("routes: [{path: /a*}]\n", "E501", "3:17", "write /a/**"),
    ("routes: [{path: /a, name: n}, {path: /b, name: n}]\n", "E502", "3:48", "another name"),
    ("routes: [{path: /a, name: (default)}]\n", "E502", "3:27", "another name"),
    ("routes: [{path: /a, mode: report, cors: off}]\n", "E503", "3:27", "remove"),
    ("routes: [{path: /a, amp: {publisher: https://e.example}, cors: off}]\n", "E504", "3:21", "remove"),
    ("routes: [{path: /a, amp: {}}]\n", "E505", "3:26", "add publisher:"),
    (
        "routes: [{path: /a, amp: {publisher: https://e.example, email: {senders: a@b.example}}}]\n",
        "E505",
        "3:57",
        "route of its own",
    ),
    (
        "routes: [{path: /a, amp: {publisher: https://e.example}, cors: {origins: '*'}}]\n",
        "E506",
        "3:74",
        "name the origins",
    ),
    ("routes: [{path: /legacy/**, strip_prefix: /leg}]\n", "E507", "3:43", "write /legacy"),
    ("routes: [{path: /x/*/y, strip_prefix: /x/*}]\n", "E507", "3:39", "write /x"),
    ("routes: [{path: /x, dangerously_allow: [insecure-origins]}]\n", "E508", "3:41", "empty-segments"),
    ("routes: [{path: /a}, {path: /A}]\n", "E509", "3:23", "path-variants"),
    ("assert: [{}]\n", "E510", "3:10", "write one of never, always"),
    (
        "assert: [{always: {origin: https://a.example}}]\n",
        "E511",
        "3:11",
        "change what the request is allowed by",
    ),
    ("server: {upstream_tls: {ca: nowhere.pem}}\n", "E601", "3:29", ""),
    ("cors: {origins: [https://a.example, https://a.example]}\n", "W301", "3:37", "keep one"),
    ("cors: {accept_from: [https://a.example, https://a.example]}\n", "W301", "3:41", "keep one"),
    ("cors: {origins: ['*', https://a.example]}\n", "W302", "3:18", "keep one"),
    ("cors: {headers: ['*', Authorization, X-A]}\n", "W302", "3:18", "keep one"),
    ("cors: {origins: 'https://*.com'}\ndangerously_allow: public-suffix-wildcards\n", "W303", "3:17", ""),
    ("cors: {origins: [null]}\n", "W402", "3:18", ""),
    ("cors: {accept_from: [null]}\n", "W402", "3:22", ""),
    (
        "cors: {origins: http://a.example, credentials: true}\ndangerously_allow: insecure-origins\n",
        "W403",
        "3:17",
        "",
    ),
    ("cors: {origins: ['vscode-webview://*']}\n", "W404", "3:18", ""),
    ("cors: {origins: ['safari-web-extension://*']}\n", "W404", "3:18", ""),
    ("cors: {max_age: 3h}\n", "W405", "3:17", "write 2h"),
    (
        "self_origins: http://a.example\ncors: {without_origin: isolate}\n",
        "W406",
        "4:8",
        "HTTPS",
    ),
    ("routes: [{path: /a/**}, {path: /a/b}]\n", "W501", "3:26", "narrower"),
    ("routes: [{path: '/a/{id}'}]\n", "W502", "3:17", "write /a/*"),
    ("routes: [{path: /a/}]\n", "W502", "3:17", "write /a/**, or /a"),
    ("listen: 0.0.0.0:80\n", "W201", "3:9", "add self_origins:"),
    ("dangerously_allow: [encoded-slashes]\n", "W508", "3:21", ""),
    ("routes: [{path: /x, dangerously_allow: [empty-segments]}]\n", "W508", "3:41", ""),
]
WHOLE = [
    ("", "E105", "1:1"),
    ("# nothing\n", "E105", "1:1"),
    ("- version: 1\n", "E105", "1:1"),
    ("a: [b\nc: d", "E103", "2:2"),
    ("cors:\n\torigins: x\n", "E103", "2:1"),
    ('a: "\\UFFFFFFFF"\n', "E103", "1:1"),
    ("a: [${B}]\n", "E103", "1:6"),
    ("a: b\nc: \x01\n", "E102", "2:4"),
    ("version: 1\n--- \nversion: 1\n", "E109", "2:1"),
    ("a: " + "[" * 40 + "]" * 40, "E107", "1:36"),
    ("upstream: http://a\n", "E202", "1:1"),
    ("version: 2\nupstream: http://a\n", "E204", "1:10"),
    ("version: 1\nupstream: ftp://a\n", "E204", "2:11"),
    ("version: 1\nlisten: a:1\ndecide: {listen: a:2}\n", "E208", "2:1"),
]


@pytest.mark.parametrize(("text", "code", "place", "hint"), ROWS)
def test_every_way_has_its_code_place_and_hint(text: str, code: str, place: str, hint: str) -> None:
    found = problems(text)
    assert [(p.code, f"{p.place.line}:{p.place.column}") for p in found] == [(code, place)]
    assert hint in found[0].hint


@pytest.mark.parametrize(("text", "code", "place"), WHOLE)
def test_a_file_that_is_not_a_policy(text: str, code: str, place: str) -> None:
    found = problems(text, whole=True)
    assert (code, place) in [(p.code, f"{p.place.line}:{p.place.column}") for p in found]


def test_the_rows_cover_the_table() -> None:
    elsewhere = {
        "E101",
        "E308",
        "E512",
        "E602",
        "E701",
    }  # test_read, test_feeds, codes, test_server, test_reload
    assert {row[1] for row in ROWS} | {row[1] for row in WHOLE} | elsewhere == set(CODES)


def test_all_problems_come_at_once_in_the_order_of_the_file() -> None:
    text = "cors:\n  origins: [https://a.example/, *, https://B.example]\n  methods: [TRACE]\n  max_age: ten\n  oops: 1\nmode: x\n"
    assert [p.code for p in problems(text)] == ["E301", "E104", "E301", "E406", "E204", "E201", "E204"]


@pytest.mark.parametrize(
    "text",
    [
        "cors: {origins: ['http://localhost:*', 'http://127.0.0.1', 'http://[::1]:8080', 'http://a.localhost'], credentials: true}\n",
        "cors: {origins: ['https://*.localhost', 'https://*.test', 'https://*.internal', 'https://*.example.co.uk']}\n",
        "cors: {accept_from: [http://a.example], origins: [https://b.example], credentials: true}\n",
        "cors: {headers: ['*', Authorization], expose: '*', methods: '*', credentials: true, origins: [https://a.example]}\n",
        "cors: {origins: '*'}\nroutes: [{path: /a, cors: {credentials: true}, amp: {publisher: https://e.example}}]\n",
        "mode: report\nroutes: [{path: /a, cors: off}]\n",
        "cors: &base {origins: &apps [https://a.example]}\nroutes: [{path: /a, cors: {<<: *base}}, {path: /b, cors: {origins: *apps}}]\n",
        "cors: {accept_from: [https://a.example]}\nroutes: [{path: /a, cors: {accept_from: []}}]\n",
    ],
)
def test_valid_policies_have_no_problem(text: str) -> None:
    assert problems(text) == []


@pytest.mark.parametrize(
    "text", ["http://localhost.example.com", "http://notlocalhost", "http://10.0.0.1", "http://1270.example"]
)
def test_only_loopback_is_exempt(text: str) -> None:
    assert [p.code for p in problems(f"cors: {{origins: ['{text}'], credentials: true}}\n")] == ["E403"]


def test_a_danger_permits_only_what_it_names() -> None:
    text = "cors: {origins: ['https://*.com', http://a.example], credentials: true}\ndangerously_allow: "
    assert [p.code for p in problems(text + "insecure-origins\n")] == ["E304", "W403"]
    assert [p.code for p in problems(text + "public-suffix-wildcards\n")] == ["W303", "E403"]
    assert [
        p.code
        for p in problems("cors: {origins: '*', credentials: true}\ndangerously_allow: [insecure-origins]\n")
    ] == ["E401"]


def test_inherited_credentials_meet_a_routes_own_origins() -> None:
    own = "routes:\n  - {path: /a, cors: {origins: '*'}}\n  - {path: /b, cors: {origins: '*', credentials: false}}\n"
    (problem,) = problems("cors: {credentials: true}\n" + own)
    assert (problem.code, problem.place) == ("E401", Place("policy.yaml", 5, 32))
    assert "policy.yaml:3" in problem.message


def test_a_problem_that_many_routes_inherit_is_reported_once() -> None:
    assert len(problems("cors: {origins: [null]}\nroutes: [{path: /a}, {path: /b}, {path: /c}]\n")) == 1


def test_printing() -> None:
    problem = Problem(Place("p.yaml", 3, 7), "E204", "mode: wrong", "write enforce")
    assert str(problem) == "p.yaml:3:7  E204  mode: wrong\n    write enforce"
    assert str(PolicyProblems([problem, problem])).count("\n") == 3


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\nb", '"a\\nb"'),
        ("\x1b[2J", '"\\u001b[2J"'),
        ("\u202egpj", '"\\u202egpj"'),
        ('"', '"\\""'),
        ("é", '"é"'),
        ("\ud800", '"\\ud800"'),
    ],
)
def test_values_are_quoted_on_one_printable_line(text: str, shown: str) -> None:
    assert quote(text) == shown
    assert len(quote("x" * 1000)) < 100


def test_a_key_cannot_forge_a_line() -> None:
    (problem,) = problems('"x\\npolicy.yaml:1:1  E999  forged": 1\n')
    assert len(str(problem).splitlines()) == 2


def test_findings_keep_the_first_of_a_place() -> None:
    findings, place = Findings(), Place("a", 1, 1)
    findings.add(place, "W301", "one")
    assert not findings.failed
    findings.add(place, "W301", "two")
    findings.add(Place("b", 1, 1), "E301", "three")
    assert findings.failed
    assert [p.message for p in findings.sorted("b")] == ["three", "one"]
