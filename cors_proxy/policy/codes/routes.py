"""E5, W5: routes and AMP."""

from typing import Final

from .about import About, Example

ABOUT: Final[dict[str, About]] = {
    "E501": About(
        "A route's path is not a pattern: it does not begin with `/`, has a query, a dot segment or an empty"
        " segment, or a `*` that is not a whole segment.",
        Example("routes:\n  - path: /api**\n"),
        Example("routes:\n  - path: /api/**\n"),
        "`*` matches one whole segment. `/**` at the end matches the path before it and all below.",
    ),
    "E502": About(
        "Two routes set the same `name`, or a route has the name `(default)`.",
        Example("routes:\n  - {path: /a, name: api}\n  - {path: /b, name: api}\n"),
        Example("routes:\n  - {path: /a, name: api-a}\n  - {path: /b, name: api-b}\n"),
        "Logs and metrics could not tell the routes apart.",
    ),
    "E503": About(
        "`mode: report` on a route with `cors: off`.",
        Example("routes:\n  - path: /old/**\n    mode: report\n    cors: off\n"),
        Example("routes:\n  - path: /old/**\n    mode: report\n"),
        "`report` logs what would be refused, and with `cors: off` nothing would.",
    ),
    "E504": About(
        "`amp` on a route with `cors: off`.",
        Example("routes:\n  - path: /amp/**\n    amp: {publisher: https://example.com}\n    cors: off\n"),
        Example("routes:\n  - path: /amp/**\n    amp: {publisher: https://example.com}\n"),
        "With `cors: off` the proxy checks nothing, so the publisher would have no effect.",
    ),
    "E505": About(
        "`amp` has neither `publisher` nor `email`, or it has both.",
        Example("routes:\n  - path: /amp/**\n    amp: {}\n"),
        Example("routes:\n  - path: /amp/**\n    amp: {publisher: https://example.com}\n"),
        "Pages and e-mails use `__amp_source_origin` in different ways, so each needs a route of its own.",
    ),
    "E506": About(
        '`origins: "*"` on an AMP route.',
        Example(
            "routes:\n  - path: /amp/**\n    amp: {publisher: https://example.com}\n"
            "    cors: {origins: '*'}\n"
        ),
        Example("routes:\n  - path: /amp/**\n    amp: {publisher: https://example.com}\n"),
        "Every page could read what is meant for the publisher's pages.",
    ),
    "E507": About(
        "`strip_prefix` is not made of the first segments of the route's path.",
        Example("routes:\n  - path: /legacy/**\n    strip_prefix: /old\n"),
        Example("routes:\n  - path: /legacy/**\n    strip_prefix: /legacy\n"),
        "The proxy could not remove it from any request that matches the route.",
    ),
    "E508": About(
        "A word of `dangerously_allow` is on a route, and works at the top level only.",
        Example("routes:\n  - path: /a/**\n    dangerously_allow: [insecure-origins]\n"),
        Example("dangerously_allow: [insecure-origins]\nroutes:\n  - path: /a/**\n"),
        "A route inherits origins, so such a permission on one route would be easy to overlook.",
    ),
    "E509": About(
        "Two routes differ only in case, in parameters after `;`, or in a slash at the end.",
        Example("routes:\n  - path: /Admin/**\n  - path: /admin/**\n    cors: {methods: [GET]}\n"),
        Example("routes:\n  - path: /admin/**\n    cors: {methods: [GET]}\n"),
        "Many APIs read both as one path. A request could get the policy of one route and reach the"
        " resource of the other, so the proxy would refuse it.",
    ),
    "E510": About(
        "An entry of `assert` has none of `never`, `always`, `public` and `no_credentials_for`, or several.",
        Example("assert:\n  - never: {method: DELETE}\n    public: none\n"),
        Example("assert:\n  - never: {method: DELETE}\n  - public: none\n"),
        "Each entry is proved by itself, and named in messages.",
    ),
    "E511": About(
        "An assertion of `assert` does not hold. The message has a request that shows it.",
        Example("cors: {origins: [https://app.example]}\nassert:\n  - never: {method: POST}\n"),
        Example("cors: {origins: [https://app.example], methods: [GET]}\nassert:\n- never: {method: POST}\n"),
        "Somebody wrote down what the policy must never allow, or must always. A change of the policy broke"
        " that, so the proxy does not start with it, and a reload keeps the old policy.",
    ),
    "E512": About(
        "An assertion cannot be proved: routes and patterns can be combined in too many ways.",
        Example(
            "cors:\n  origins:\n"
            + "".join(f"    - https://a{number}-*-b{number}.example.com\n" for number in range(150))
            + "assert:\n  - public: none\n"
        ),
        Example("cors: {origins: ['https://*.example.com']}\nassert:\n  - public: none\n"),
        "The proof looks at each combination. It samples none, so it gives up beyond a limit.",
    ),
    "W501": About(
        "A route never matches, because an earlier route matches all of its requests.",
        Example("routes:\n  - path: /api/**\n  - path: /api/admin/**\n    cors: {methods: [GET]}\n"),
        Example("routes:\n  - path: /api/admin/**\n    cors: {methods: [GET]}\n  - path: /api/**\n"),
        "The first route that matches decides, so put the narrower one first.",
    ),
    "W502": About(
        "A path that hardly matches a request: it has a parameter (`{id}`, `:id`), is a regular expression,"
        " or ends with a slash.",
        Example("routes:\n  - path: /users/{id}\n"),
        Example("routes:\n  - path: /users/*\n"),
        "The proxy compares these characters literally. Requests that you mean do not match the route, and"
        " get the policy of another one.",
    ),
    "W508": About(
        "A word of `dangerously_allow` lets paths through that the API may read as other paths.",
        Example("dangerously_allow: [encoded-slashes]\n"),
        Example("cors: {origins: [https://app.example]}\n"),
        "`/public/..%2Fadmin` can match the route of `/public/**` here and be `/admin` for the API.",
    ),
}
