"""The decisions: pure functions of a request, a route and a site.

Each module imports only modules below it in this map:

judge.py            route, decision and action of a request
decide.py           every decision
preflight.py        row 2
amp_email.py        AMP for Email (row 3b)
foreign.py          row 9
compile.py          from what the policy says to what judges requests
own_origin.py       the own origin
modes.py            what is done with a decision
difference.py       `mode
amp.py              AMP routes of websites
site.py             a compiled policy
shadows.py          routes that are in each other's way
router.py           which route a request takes
origins.py          a set of origins, asked by the bytes of a request
spec.py             what the policy reader hands to the decision core
response.py         response headers
fetch.py            what a browser makes of an answer
decision_cache.py   what was decided, by all that decided it
path.py             how a path is spelled
pattern.py          an origin pattern, as a policy writes it
decision.py         decisions as data
request_headers.py  Access-Control-Request-Headers
request.py          what a decision needs of a request, read in one pass over its header lines
fetch_metadata.py   requests without Origin, judged by what a browser says of where they come from (
variants.py         the third reading of a path
escape.py           a client's bytes made fit for a log
origin.py           an origin as a browser serialises it (RFC 6454 §6.2)
hosts.py            the Host header
percent.py          percent-encoding
place.py            where a rule stands
names.py            methods and header names
reason.py           why a request was answered, refused or forwarded
amp_label.py        the label of a publisher's host in front of an AMP cache's domain
"""
