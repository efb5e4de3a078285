"""The demo's web pages: two of an origin that the policy allows, two of an origin that it does not."""

from collections.abc import Iterable
from importlib.resources import files
from typing import Final

from aiohttp import web

TYPES: Final = {"css": "text/css", "js": "text/javascript", "yaml": "text/plain"}
SCRIPTS: Final = {
    "index": ("calls.js", "index.js", "send.js", "playground.js"),
    "stranger": ("calls.js", "stranger.js", "send.js", "caller.js"),
}
SECOND: Final = {"index": "playground", "stranger": "caller"}


def application(
    page: str, values: dict[str, str], policy: str = "", routes: Iterable[web.RouteDef] = ()
) -> web.Application:
    """Serves `page` (index or stranger) at `/` and the origin's second page, filled with `values`: `proxy`, `page` and `stranger`,
    all origins; and `routes`, which its scripts ask."""
    csp = {
        "index": "connect-src 'self' {proxy}; frame-src {stranger}; frame-ancestors 'none'",
        "stranger": "connect-src {proxy}; frame-ancestors {page}",
    }[page].format_map(values)
    headers = {
        "Content-Security-Policy": f"default-src 'none'; script-src 'self'; style-src 'self'; {csp}; base-uri 'none'; form-action 'none'",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
    }
    texts = {"/": filled(f"{page}.html", values), "/policy.yaml": policy}
    texts[f"/{SECOND[page]}"] = filled(f"{SECOND[page]}.html", values)
    texts |= {f"/{name}": filled(name, {}) for name in (*SCRIPTS[page], "style.css")}

    async def serve(request: web.Request) -> web.Response:
        text = texts.get(request.path)
        if not text:
            raise web.HTTPNotFound
        kind = TYPES.get(request.path.rpartition(".")[2], "text/html")
        return web.Response(text=text, content_type=kind, charset="utf-8", headers=headers)

    app = web.Application(client_max_size=64 << 10)
    app.router.add_routes(routes)
    app.router.add_get("/{name:.*}", serve)
    return app


def filled(name: str, values: dict[str, str]) -> str:
    """A file of the demo with each `{{key}}` replaced."""
    text = files(__package__).joinpath("pages", name).read_text("utf-8")
    for key, value in values.items():
        text = text.replace("{{" + key + "}}", value)
    return text
