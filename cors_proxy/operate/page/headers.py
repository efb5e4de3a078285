"""What every answer of the admin listener carries, its errors too: the page's own script and style, and nothing else runs there."""

from base64 import b64encode
from hashlib import sha256
from importlib.resources import files
from typing import Final


def content_security_policy(html: str) -> str:
    """The page's own script and style by their digests, and nothing else: https://www.w3.org/TR/CSP3/#strict-csp"""
    script, style = (_digest(html, tag) for tag in ("script", "style"))
    return (
        f"default-src 'none'; script-src {script}; style-src {style}; connect-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )


def _digest(html: str, tag: str) -> str:
    text = html.partition(f"<{tag}>")[2].partition(f"</{tag}>")[0]
    return f"'sha256-{b64encode(sha256(text.encode('utf-8')).digest()).decode('ascii')}'"


HTML: Final = files(__package__).joinpath("page.html").read_text("utf-8")
SECURE: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": content_security_policy(HTML),
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
