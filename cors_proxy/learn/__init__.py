"""Proposes a policy from what was seen: logs, HAR files, and the API's own answers.

An origin is proposed only where the API itself granted it and refused another one.  Whoever can
send requests can write into a log, so every rule here asks: could a visitor make this line?

Each module imports only modules below it in this map:

additions.py    what the present policy lacks of a proposal
cases_text.py   tests of the proposed policy, for `cors-proxy test`
notes.py        what a person has to know about the records
memory.py       what a running proxy saw, in bounded memory
policy_text.py  the proposed policy as YAML, with its evidence and what was left out
comment.py      values of others in a comment
checked.py      reads a proposal back as a policy
proposal.py     from the evidence to rules for all routes, and to what is left out
rules.py        from what the API granted on one route to rules
left_out.py     what is left for a person to confirm, and why
probe.py        asks the API itself
lookalike.py    origins that imitate another one
proof.py        which origins an endpoint proves
groups.py       endpoints that are one route
evidence.py     what the records show, counted in bounded memory
tally.py        counts of one origin, and of one endpoint
verdict.py      whether one response shows a grant or a refusal
openapi.py      the operations of an OpenAPI file
paths.py        a path as a template
formats.py      which log a line is of
text_log.py     combined, and Envoy's text
json_log.py     JSON of nginx, Apache, Envoy, Traefik and Caddy
proxy_log.py    the access log of this proxy
har.py          a browser's HAR file
lines.py        the lines of a log, as a stream
seen.py         one request, and what the API granted
"""
