"""The demo's two web pages: one of an origin that the policy allows, one of an origin that it does not."""

from importlib.resources import files
from typing import Final

from aiohttp import web

TYPES: Final = {"css": "text/css", "js": "text/javascript", "yaml": "text/plain"}


def application(page: str, values: dict[str, str], policy: str = "") -> web.Application:
    """Serves `page` (index or stranger) at `/`, filled with `values`: `proxy`, `page` and `stranger`, all origins."""
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
    texts |= {f"/{name}": filled(name, {}) for name in (f"{page}.js", "calls.js", "style.css")}

    async def serve(request: web.Request) -> web.Response:
        text = texts.get(request.path)
        if not text:
            raise web.HTTPNotFound
        kind = TYPES.get(request.path.rpartition(".")[2], "text/html")
        return web.Response(text=text, content_type=kind, charset="utf-8", headers=headers)

    app = web.Application()
    app.router.add_get("/{name:.*}", serve)
    return app


def filled(name: str, values: dict[str, str]) -> str:
    """A file of the demo with each `{{key}}` replaced."""
    text = files(__package__).joinpath("pages", name).read_text("utf-8")
    for key, value in values.items():
        text = text.replace("{{" + key + "}}", value)
    return text
