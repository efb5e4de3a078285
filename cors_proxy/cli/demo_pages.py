"""The demo's web pages: two of an origin that the policy allows, two of one that it does not."""

from collections.abc import Iterable
from importlib.resources import files
from typing import Final

from aiohttp import web

from ..operate.page.headers import SHARED_SCRIPTS, SHARED_STYLES, asset

CONTENT_TYPES: Final = {"css": "text/css", "js": "text/javascript", "yaml": "text/plain"}
SCRIPTS: Final = {
    "index": ("calls.js", "index.js", "send.js", "playground.js"),
    "stranger": ("calls.js", "stranger.js", "send.js", "caller.js"),
}
SECOND_PAGE: Final = {"index": "playground", "stranger": "caller"}


def application(
    page: str, values: dict[str, str], policy: str = "", routes: Iterable[web.RouteDef] = ()
) -> web.Application:
    """The web server of one origin: `page` (index or stranger) at `/`, and its second page.

    `values` has the origins `proxy`, `page` and `stranger` for them.  `routes` are what their
    scripts call.
    """
    csp = {
        "index": "connect-src 'self' {proxy}; frame-src {stranger}; frame-ancestors 'none'",
        "stranger": "connect-src {proxy}; frame-ancestors {page}",
    }[page].format_map(values)
    headers = {
        "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self';"
        f" {csp}; base-uri 'none'; form-action 'none'",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
    }
    texts = {"/": fill(f"{page}.html", values), "/policy.yaml": policy}
    texts[f"/{SECOND_PAGE[page]}"] = fill(f"{SECOND_PAGE[page]}.html", values)
    texts |= {f"/{name}": fill(name, {}) for name in (*SCRIPTS[page], "style.css")}
    texts |= {f"/{name}": asset(name) for name in (*SHARED_STYLES, *SHARED_SCRIPTS)}

    async def serve(request: web.Request) -> web.Response:
        text = texts.get(request.path)
        if not text:
            raise web.HTTPNotFound
        content_type = CONTENT_TYPES.get(request.path.rpartition(".")[2], "text/html")
        return web.Response(text=text, content_type=content_type, charset="utf-8", headers=headers)

    app = web.Application(client_max_size=64 << 10)
    app.router.add_routes(routes)
    app.router.add_get("/{name:.*}", serve)
    return app


def fill(name: str, values: dict[str, str]) -> str:
    """A file of the demo, with each `{{key}}` replaced by its value."""
    text = files(__package__).joinpath("pages", name).read_text("utf-8")
    for key, value in values.items():
        text = text.replace("{{" + key + "}}", value)
    return text
