"""The decisions: pure functions of a request, a route and a site.

Each module imports only modules below it in this map:

judge.py            judges a request: match the route, decide, apply the mode
decide.py           every decision, row by row of docs/decision-table.md
preflight.py        rows 2, 2b: answers preflights
amp_email.py        row 3b: AMP for Email, judged by the sender
foreign.py          row 9: refuses every other Origin, and says why
own_origin.py       row 4: recognises the API's own origin
fetch_metadata.py   row 11: requests without Origin, by Sec-Fetch-Site
modes.py            enforce, headers, report: what is done with a decision
difference.py       `mode: report`: would a browser decide otherwise by the upstream's answer
compile.py          turns a policy (spec) into a site, once, before any request
isolation.py        rows 8b, 11: `without_origin: isolate`, and Origin on embeds
amp.py              rows 2c, 3: AMP pages of websites, `__amp_source_origin`
site.py             a compiled policy: routes with everything prepared, and the path's route
feeds.py            lists of origins that are fetched while the policy is in force
shadows.py          routes of a policy that hide each other
router.py           finds a path's route, in a trie
origins.py          a set of origins and patterns, looked up by the bytes of Origin
spec.py             a policy as the reader hands it over: plain values with their places
response.py         rewrites response headers
storage_access.py   row 5: `storage_access: retry`
fetch.py            the browser's side: Fetch's CORS check and preflight checks
decision_cache.py   decisions that were made already
decision.py         Answer, Refuse, Forward, and the grant
request.py          a request, and its judged headers
request_headers.py  parses Access-Control-Request-Headers
path.py             row 1: spellings of a path, ambiguous ones are refused
variants.py         row 1: other spellings that frameworks take for the same path
pattern.py          parses an origin pattern of a policy
origin.py           parses an origin as a browser serialises it
hosts.py            the Host header: grammar, host and port, loopback, the allowlist (row 421)
percent.py          percent-encoding
amp_label.py        the label of a publisher's host in an AMP cache
escape.py           bytes from a client, made safe for a log
literals.py         closed sets of words: kinds, modes, values of keys
place.py            file, line and column of a rule
names.py            methods and header names, and what Fetch says about them
byte_set.py         sets of bytes, and whether a value consists of them
reason.py           why: the closed list of reasons
"""
