"""The page as one HTML document, and the security headers of each response of the admin listener,
errors included."""

from base64 import b64encode
from hashlib import sha256
from importlib.resources import files
from typing import Final

# The demo's pages use these as files of their own.
SHARED_STYLES: Final = ("look.css",)
SHARED_SCRIPTS: Final = ("elements.js", "policy_text.js", "exchange.js", "drawing.js", "change.js")
_STYLES: Final = (*SHARED_STYLES, "page.css")
# Each uses only names of those before it when it is loaded.
_SCRIPTS: Final = (*SHARED_SCRIPTS, "explain.js", "decisions.js", "traffic.js", "propose.js", "page.js")


def asset(name: str) -> str:
    return files(__package__).joinpath(name).read_text("utf-8")


def _page() -> str:
    style, script = ("".join(map(asset, names)) for names in (_STYLES, _SCRIPTS))
    return asset("page.html").replace("{{style}}", style).replace("{{script}}", script)


def content_security_policy(html: str) -> str:
    """Allows only the page's script and style: https://www.w3.org/TR/CSP3/#strict-csp"""
    script, style = (_digest(html, tag) for tag in ("script", "style"))
    return (
        f"default-src 'none'; script-src {script}; style-src {style}; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )


def _digest(html: str, tag: str) -> str:
    content = html.partition(f"<{tag}>")[2].partition(f"</{tag}>")[0]
    return f"'sha256-{b64encode(sha256(content.encode('utf-8')).digest()).decode('ascii')}'"


PAGE_HTML: Final = _page()
SECURITY_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": content_security_policy(PAGE_HTML),
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
