"""E4, W4: what may be granted, and to whom."""

from typing import Final

from .about import About, Example

ABOUT: Final[dict[str, About]] = {
    "E401": About(
        '`origins: "*"` together with `credentials: true`.',
        Example('cors:\n  origins: "*"\n  credentials: true\n'),
        Example("cors:\n  origins: [https://app.example]\n  credentials: true\n"),
        "Browsers refuse `Access-Control-Allow-Origin: *` with cookies (Fetch, CORS check). To reflect every"
        " origin instead would let every web page read the user's data.",
    ),
    "E402": About(
        "`null` in `origins` together with `credentials: true`.",
        Example("cors:\n  origins: [null]\n  credentials: true\n"),
        Example("cors:\n  origins: [https://app.example]\n  credentials: true\n"),
        "Every page can send `Origin: null` from a sandboxed frame, and the browser adds the cookies.",
    ),
    "E403": About(
        "An http origin together with `credentials: true`. Loopback (`http://localhost:*`) is allowed.",
        Example("cors:\n  origins: [http://app.example]\n  credentials: true\n"),
        Example("cors:\n  origins: [https://app.example]\n  credentials: true\n"),
        "An attacker in the network can change an http page, and then reads the user's data with it. In a"
        " network that you trust, write `dangerously_allow: [insecure-origins]`.",
    ),
    "E404": About(
        "Every extension of a browser or of VS Code, together with `credentials: true`.",
        Example("cors:\n  origins: ['moz-extension://*']\n  credentials: true\n"),
        Example(
            "cors:\n  origins: [chrome-extension://abcdefghijklmnopabcdefghijklmnop]\n  credentials: true\n"
        ),
        "The pattern matches extensions of other authors too. Let the extension send a token in"
        " `Authorization` instead of cookies.",
    ),
    "E405": About(
        '`private_network: true` together with `origins: "*"`.',
        Example('cors:\n  origins: "*"\n  private_network: true\n'),
        Example("cors:\n  origins: [https://app.example]\n  private_network: true\n"),
        "Every web page could then call an API in the user's private network.",
    ),
    "E406": About(
        "A method that pages cannot send (`CONNECT`, `TRACE`, `TRACK`), that the proxy cannot forward, or"
        " in lower case.",
        Example("cors:\n  methods: [get, PUT]\n"),
        Example("cors:\n  methods: [GET, PUT]\n"),
        "Methods are case-sensitive (RFC 9110, 9.1). Browsers correct the case of GET, HEAD, POST, PUT,"
        " DELETE and OPTIONS only: `patch` stays `patch`.",
    ),
    "E407": About(
        "A request header that a page cannot set, or that no page may set.",
        Example("cors:\n  headers: [Cookie]\n"),
        Example("cors:\n  headers: [Content-Type]\n  credentials: true\n"),
        "A browser sets `Cookie`, `Host`, `Origin`, `Sec-*` and the like itself, so a preflight never asks"
        " for them (Fetch, forbidden request-header). Cookies need `credentials: true`. `AMP-Same-Origin`"
        " from another page would pass as the publisher's.",
    ),
    "E408": About(
        "A response header that no page can read.",
        Example("cors:\n  expose: [Set-Cookie]\n"),
        Example("cors:\n  expose: [X-Total-Count]\n"),
        "Browsers hide `Set-Cookie` from scripts always (Fetch, forbidden response-header name).",
    ),
    "E409": About(
        "`embed` of `isolate` lists fonts, module scripts or manifests. Browsers send Origin with them.",
        Example("cors:\n  without_origin: {isolate: {embed: [image, font]}}\n"),
        Example("cors:\n  origins: [https://app.example]\n  without_origin: {isolate: {embed: [image]}}\n"),
        "`isolate` is about requests without Origin. A request with Origin is judged by it, so `origins`"
        " allows it.",
    ),
    "E410": About(
        "`storage_access: retry` without `credentials: true`.",
        Example("cors:\n  origins: [https://app.example]\n  storage_access: retry\n"),
        Example("cors:\n  origins: [https://app.example]\n  credentials: true\n  storage_access: retry\n"),
        "The browser asks again only to send cookies.",
    ),
    "E411": About(
        "`storage_access: retry` on a route that refuses the second request: `without_origin` is `deny`, or"
        " `isolate` without `embed`.",
        Example(
            "cors:\n  origins: [https://app.example]\n  credentials: true\n  storage_access: retry\n"
            "  without_origin: isolate\n"
        ),
        Example(
            "cors:\n  origins: [https://app.example]\n  credentials: true\n  storage_access: retry\n"
            "  without_origin: {isolate: {embed: [iframe]}}\n"
        ),
        "The second request of an embed has cookies, and may have no Origin: then `without_origin` decides"
        " about it.",
    ),
    "W402": About(
        "`null` without credentials: any page can send it.",
        Example("cors:\n  origins: [null]\n"),
        Example("cors:\n  origins: [https://app.example]\n"),
        "A sandboxed frame, a local file and some redirects send `Origin: null`. The entry is as open as"
        ' `"*"`.',
    ),
    "W403": About(
        "An http origin with credentials, which `dangerously_allow: [insecure-origins]` permits.",
        Example(
            "cors:\n  origins: [http://intranet]\n  credentials: true\n"
            "dangerously_allow: [insecure-origins]\n"
        ),
        Example("cors:\n  origins: [https://intranet.example]\n  credentials: true\n"),
        "The warning stays, so that nobody forgets what is open. See E403.",
    ),
    "W404": About(
        "Every extension of a browser or of VS Code, without credentials.",
        Example("cors:\n  origins: ['vscode-webview://*']\n"),
        Example("cors:\n  origins: [chrome-extension://abcdefghijklmnopabcdefghijklmnop]\n"),
        "In Firefox, Safari and VS Code the host differs from one installation to the next, so one"
        " extension cannot be named. The pattern matches all of them.",
    ),
    "W405": About(
        "`max_age` is above two hours.",
        Example("cors:\n  max_age: 24h\n"),
        Example("cors:\n  max_age: 2h\n"),
        "Chromium caches a preflight for two hours at most, Firefox for 24.",
    ),
    "W406": About(
        "`without_origin: isolate`, and `self_origins` has an http origin that is not localhost.",
        Example("self_origins: [http://api.example]\ncors:\n  without_origin: isolate\n"),
        Example("self_origins: [https://api.example]\ncors:\n  without_origin: isolate\n"),
        "Browsers send `Sec-Fetch-Site` to HTTPS and localhost only. Without it, `isolate` cannot tell"
        " another site's requests from a program's, and lets them pass.",
    ),
}
