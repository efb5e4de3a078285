"""E2, W2: keys and their values."""

from typing import Final

from .about import About, Example

ABOUT: Final[dict[str, About]] = {
    "E201": About(
        "A key that a policy does not have at this place. The hint names the key that is meant: also where"
        " it is another product's name, or belongs into another mapping.",
        Example("cors:\n  allowedOrigins: [https://app.example]\n"),
        Example("cors:\n  origins: [https://app.example]\n"),
        "If unknown keys were ignored, a typing error would silently change what the policy allows.",
    ),
    "E202": About(
        "A required key is missing.",
        Example("version: 1\n", whole=True),
        Example("version: 1\nupstream: http://localhost:3000\n", whole=True),
        "Nothing that the proxy could assume would be safe here.",
    ),
    "E203": About(
        "A list or mapping is where a single value belongs, the reverse, or the value is missing.",
        Example("cors:\n  credentials: [true]\n"),
        Example("cors:\n  credentials: true\n"),
        "A list of one value can be written as that value. All else must have the form in"
        " [policy.md](policy.md).",
    ),
    "E204": About(
        "The key does not accept this value. The message says what it accepts.",
        Example("cors:\n  max_age: 10 minutes\n"),
        Example("cors:\n  max_age: 10m\n"),
        "Values are read as text and by the key's own rule. So `yes` is not `true`, and `1:00` is no number.",
    ),
    "E205": About(
        "An empty list, where it would allow nothing or nobody.",
        Example("cors:\n  origins: []\n"),
        Example("cors:\n  methods: [GET]\n"),
        "In some products an empty list allows everything. To allow nobody, leave the key out.",
    ),
    "E206": About(
        "A limit or timeout of connections, which all routes share, is set on a route.",
        Example("routes:\n  - path: /api/**\n    limits: {connections: 100}\n"),
        Example("routes:\n  - path: /api/**\nserver:\n  limits: {connections: 100}\n"),
        "When it counts, the proxy does not know yet which route a request will match.",
    ),
    "E207": About(
        "The entries of `upstream` differ in their scheme or base path.",
        Example("routes:\n  - path: /api/**\n    upstream: [http://api-1:3000, https://api-2:3000]\n"),
        Example("routes:\n  - path: /api/**\n    upstream: [http://api-1:3000, http://api-2:3000]\n"),
        "A list names several servers of one API: any of them may get any request.",
    ),
    "E208": About(
        "A key about forwarding, in a policy that has `decide` and no `upstream` at the top level.",
        Example("version: 1\nlisten: 127.0.0.1:8080\ndecide: {listen: 127.0.0.1:9902}\n", whole=True),
        Example("version: 1\ndecide: {listen: 127.0.0.1:9902}\n", whole=True),
        "Such a policy only answers asks, and another engine forwards. A key without effect would look as"
        " if the proxy forwarded too.",
    ),
    "E209": About(
        "`decide.headers` beside `dialect: mirror`, which is the default.",
        Example("decide: {listen: 127.0.0.1:9902, headers: x-original}\n"),
        Example("decide: {listen: 127.0.0.1:9902, dialect: forwarded, headers: x-original}\n"),
        "In `mirror` an ask is the client's request itself. If a header could describe another one there,"
        " the client could send that header.",
    ),
    "W201": About(
        "The policy names neither the API's own origins (`self_origins`) nor its names (`hosts`), and the"
        " listener is open to other machines, or `websocket: allow` is set.",
        Example("listen: 0.0.0.0:8080\n"),
        Example("listen: 0.0.0.0:8080\nself_origins: [https://api.example.com]\n"),
        "The proxy then recognises the API's own pages by `Sec-Fetch-Site: same-origin` alone. Browsers do"
        " not send this header over plain HTTP, except to localhost. Chromium does not send it with"
        " WebSocket handshakes; Firefox does. Such requests get 403 `origin-looks-own`. An API without"
        " pages of its own can ignore the warning.",
    ),
    "W207": About(
        "An entry of `upstream` is listed twice.",
        Example("routes:\n  - path: /api/**\n    upstream: [http://api-1:3000, http://api-1:3000]\n"),
        Example("routes:\n  - path: /api/**\n    upstream: [http://api-1:3000, http://api-2:3000]\n"),
        "The second entry changes nothing.",
    ),
}
