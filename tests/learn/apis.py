"""20 policies written by hand for plausible APIs, and what their pages call."""

from dataclasses import dataclass

APP = "https://app.example.com"
ADMIN = "https://admin.example.com"


@dataclass(frozen=True)
class Api:
    """`calls` are paths with {id}, {uuid}, {word}, and their methods.  `style` is how the API refuses:
    `silent` (a success without a grant), `named` (it names its first origin), `403`; or that it
    reflects every origin."""

    name: str
    policy: str
    origins: tuple[str, ...]
    calls: tuple[tuple[str, str], ...]
    style: str = "silent"
    hosts: tuple[str, ...] = ("api.example.com",)


def policy(body: str) -> str:
    return "version: 1\nupstream: http://api:3000\n" + body


def _one(origins: str, methods: str = "GET, POST", headers: str = "", credentials: bool = False) -> str:
    """A policy with one set of rules for all paths."""
    return policy(
        f"cors:\n  origins: [{origins}]\n  methods: [{methods}]\n  headers: [{headers}]\n"
        f"  credentials: {str(credentials).lower()}\n"
    )


CRUD = (
    ("/orders", "GET POST"),
    ("/orders/{id}", "GET PUT DELETE"),
    ("/orders/{id}/items", "GET POST"),
    ("/orders/{id}/items/{id}", "GET DELETE"),
    ("/customers/{uuid}", "GET PATCH"),
)
ALL = "GET, HEAD, POST, PUT, PATCH, DELETE"
TENANTS = tuple(f"https://{name}.shop.example" for name in ("ada", "bob", "cyd", "dee", "eli", "fay", "gus"))

APIS = (
    Api("one app with cookies", _one(APP, ALL, "Content-Type", True), (APP,), CRUD),
    Api("one app with a token", _one(APP, ALL, "Authorization, Content-Type"), (APP,), CRUD, "named"),
    Api(
        "reads only",
        _one(f"{APP}, {ADMIN}", "GET, HEAD"),
        (APP, ADMIN),
        (("/news", "GET HEAD"), ("/news/{id}", "GET")),
    ),
    Api(
        "an admin page that may do more",
        policy(
            f"""cors:
  origins: [{APP}, {ADMIN}]
  methods: [GET]
  credentials: true
routes:
  - path: /admin/**
    cors: {{origins: [{ADMIN}], methods: [{ALL}], headers: [Content-Type, X-CSRF-Token]}}
"""
        ),
        (APP, ADMIN),
        (
            ("/items", "GET"),
            ("/items/{id}", "GET"),
            ("/admin/users", "GET POST"),
            ("/admin/users/{id}", "GET PUT DELETE"),
        ),
    ),
    Api(
        "a login, and an API beside it",
        policy(
            f"""cors: {{origins: [{APP}], methods: [GET, POST], headers: [Content-Type]}}
routes:
  - path: /session
    cors: {{credentials: true, methods: [POST, DELETE]}}
"""
        ),
        (APP,),
        (("/session", "POST DELETE"), ("/search", "GET POST"), ("/suggest", "GET")),
    ),
    Api(
        "profiles by name",
        _one(APP, "GET, PUT", "Content-Type"),
        (APP,),
        (("/users/{word}", "GET PUT"), ("/users/{word}/posts", "GET")),
    ),
    Api(
        "tenants below one domain",
        _one('"https://*.shop.example"', "GET, POST", "", True),
        TENANTS,
        (("/cart", "GET POST"), ("/cart/{uuid}", "GET")),
    ),
    Api("everything is reflected", _one(APP, ALL, "Content-Type", True), (APP,), CRUD, "reflects"),
    Api(
        "two versions",
        _one(APP, "GET, POST, DELETE"),
        (APP,),
        (("/v1/jobs", "GET POST"), ("/v2/jobs", "GET POST"), ("/v2/jobs/{uuid}", "GET DELETE")),
    ),
    Api("an API that answers 403", _one(APP, ALL, "Content-Type"), (APP,), CRUD, "403"),
    Api(
        "exposed headers",
        policy(
            f"cors: {{origins: [{APP}], methods: [GET], expose: [X-Total-Count, Link], headers: [If-None-Match]}}\n"
        ),
        (APP,),
        (("/repos", "GET"), ("/repos/{word}", "GET"), ("/repos/{word}/commits", "GET")),
    ),
    Api(
        "a development origin",
        _one(f"{APP}, http://localhost:5173", "GET, POST", "Content-Type", True),
        (APP, "http://localhost:5173"),
        CRUD[:1],
    ),
    Api(
        "an app in a web view",
        _one(f'{APP}, "capacitor://localhost"', "GET, POST", "Authorization"),
        (APP, "capacitor://localhost"),
        (("/feed", "GET"), ("/feed/{id}/like", "POST")),
    ),
    Api(
        "an extension of the company",
        _one(f'{APP}, "chrome-extension://abcdefghijklmnopabcdefghijklmnop"', "GET, POST"),
        (APP, "chrome-extension://abcdefghijklmnopabcdefghijklmnop"),
        (("/clips", "GET POST"),),
    ),
    Api(
        "two hosts with other pages",
        policy(
            f"""cors: {{methods: [GET, POST]}}
routes:
  - {{path: /**, host: [api.example.com], cors: {{origins: [{APP}]}}}}
  - {{path: /**, host: [partner.example.com], cors: {{origins: ["https://partner.example"]}}}}
"""
        ),
        (APP, "https://partner.example"),
        (("/offers", "GET"), ("/offers/{id}", "GET POST")),
        "silent",
        ("api.example.com", "partner.example.com"),
    ),
    Api(
        "a public part without CORS",
        policy(
            f"""cors: {{methods: [GET, POST], headers: [Content-Type]}}
routes:
  - {{path: /internal/**, cors: {{origins: [{ADMIN}]}}}}
  - {{path: /api/**, cors: {{origins: [{APP}]}}}}
"""
        ),
        (APP, ADMIN),
        (("/internal/jobs", "GET POST"), ("/api/jobs", "GET"), ("/api/jobs/{id}", "GET POST")),
    ),
    Api(
        "GraphQL",
        _one(f"{APP}, {ADMIN}", "POST", "Content-Type, Apollo-Require-Preflight", True),
        (APP, ADMIN),
        (("/graphql", "POST"),),
        "named",
    ),
    Api(
        "uploads",
        _one(APP, "GET, POST, PUT", "Content-Type, X-Upload-Offset"),
        (APP,),
        (("/files", "POST"), ("/files/{uuid}", "GET PUT"), ("/files/{uuid}/parts/{id}", "PUT")),
    ),
    Api(
        "ports",
        _one("https://app.example.com:8443, http://127.0.0.1:9000", "GET"),
        ("https://app.example.com:8443", "http://127.0.0.1:9000"),
        (("/metrics", "GET"), ("/series/{word}", "GET")),
    ),
    Api(
        "reports by date",
        _one(ADMIN, "GET, DELETE", "Accept-Version"),
        (ADMIN,),
        (("/reports/{date}", "GET DELETE"), ("/reports/{date}/{word}", "GET"), ("/", "GET")),
        "named",
    ),
)
