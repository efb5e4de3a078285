"""E3, W3: origins and patterns."""

from typing import Final

from .about import About, Example

ABOUT: Final[dict[str, About]] = {
    "E301": About(
        "The text is not an origin as browsers send it: it has a path, a slash at the end, a default port,"
        " upper case, no scheme, or a name that is not in its `xn--` form.",
        Example("cors:\n  origins: [https://app.example/]\n"),
        Example("cors:\n  origins: [https://app.example]\n"),
        "The proxy compares origins byte by byte. An entry that no browser sends never matches.",
    ),
    "E302": About(
        "The text has a `*` where a pattern cannot have one.",
        Example("cors:\n  origins: ['https://app.*.example.com']\n"),
        Example(
            "cors:\n  origins: ['https://*.example.com', 'https://pr-*.example.com', 'http://localhost:*']\n"
        ),
        "A star stands for whole labels in front of a domain, for a part of the first label, or for any"
        " port. Stars elsewhere, and regular expressions, often match more origins than their author meant.",
    ),
    "E303": About(
        'A pattern, `"*"` or `null` is where only exact origins are allowed.',
        Example("self_origins: ['https://*.example.com']\n"),
        Example("self_origins: [https://api.example.com]\n"),
        "The API's own origin is never refused. A pattern there would let in every page that it matches.",
    ),
    "E304": About(
        "The domain behind the star is a public suffix: other people can get names there.",
        Example("cors:\n  origins: ['https://my-app-*.vercel.app']\n"),
        Example("cors:\n  origins: [https://my-app.vercel.app, https://my-app-staging.vercel.app]\n"),
        "An attacker registers a name that the pattern matches, and reads the responses. If you accept"
        " that, write `dangerously_allow: [public-suffix-wildcards]`.",
    ),
    "E305": About(
        "A file of origins cannot be read. Its name is relative to the folder of the policy.",
        Example("cors:\n  origins: [{file: tenants.txt}]\n"),
        Example("cors:\n  origins: [{file: tenants.txt}]\n", files={"tenants.txt": "https://one.example\n"}),
        "Without the file its origins would be refused.",
    ),
    "E306": About(
        "A feed's URL is not an http or https URL, or it is plain http to a host that others can answer for.",
        Example("cors:\n  origins: [{url: 'http://tenants.example.com/origins'}]\n"),
        Example(
            "cors:\n  origins: [{url: 'https://tenants.example.com/origins'}, {url: 'http://api:3000/origins'}]\n"
        ),
        "Whoever can change the list decides who reads the API's responses. Plain http is for loopback,"
        " private addresses and names of one label, and these must resolve to such an address.",
    ),
    "E307": About(
        "`stale` of a feed is not longer than its `every`.",
        Example("cors:\n  origins: [{url: 'http://api:3000/origins', every: 10m, stale: 5m}]\n"),
        Example("cors:\n  origins: [{url: 'http://api:3000/origins', every: 10m, stale: 1h}]\n"),
        "The list would be emptied before the proxy asks for the next one.",
    ),
    "E308": About(
        "A feed did not answer, or its list is invalid: a line that is no origin, a pattern without"
        " `patterns: true`, `*` or `null`, or an http origin with credentials. `check` finds this with"
        " `--fetch`, which asks the feeds, or with `--feed FILE`, which reads a copy.",
        Example(
            "cors:\n  origins: [{url: 'http://api:3000/origins'}]\n",
            files={"tenants.txt": "https://one.example\nhttps://two.example/\n"},
            command="cors-proxy check --feed tenants.txt",
        ),
        Example(
            "cors:\n  origins: [{url: 'http://api:3000/origins'}]\n",
            files={"tenants.txt": "https://one.example\nhttps://two.example\n"},
            command="cors-proxy check --feed tenants.txt",
        ),
        "An invalid list is rejected as a whole, and the last valid one stays in force. With `required: true`"
        " the proxy does not start without a valid list.",
    ),
    "W301": About(
        "An origin is in one list twice.",
        Example("cors:\n  origins: [https://app.example, https://app.example]\n"),
        Example("cors:\n  origins: [https://app.example]\n"),
        "If somebody later removes one of the two, the permission stays.",
    ),
    "W302": About(
        '`"*"` is beside other entries, which then have no effect.',
        Example("cors:\n  origins: ['*', https://app.example]\n"),
        Example("cors:\n  origins: [https://app.example]\n"),
        "The list looks narrower than it is.",
    ),
    "W303": About(
        "A wildcard over a public suffix, which `dangerously_allow: [public-suffix-wildcards]` permits.",
        Example(
            "cors:\n  origins: ['https://my-app-*.vercel.app']\n"
            "dangerously_allow: [public-suffix-wildcards]\n"
        ),
        Example("cors:\n  origins: [https://my-app.vercel.app]\n"),
        "The warning stays, so that nobody forgets what is open. See E304.",
    ),
}
