"""The requests that stand for all: a finite set, of one policy or of several.

A policy decides about infinitely many requests, but it can only tell finitely many apart.  This
room finds a request for each class of those that every decision treats alike.  It holds no rule of
CORS: routes, lists and `judge` of `cors/` say what is alike.

Each module imports only modules below it in this map:

prove.py         proves assertions about a policy, or finds a counter-example
assertion.py     what must never be possible, and what always
cases.py         the requests of one meeting of routes
describe.py      a request and a decision, each in one line
groups.py        origins, methods and headers of a meeting, grouped by how the routes see them
representatives.py  origins that stand for what feeds list
listings.py      which feeds list an origin
feeds.py         feeds of origins as lists of a policy
meetings.py      which routes of the policies one request can lead to at once
path_pattern.py  a path pattern that is no route's
paths.py         paths that stand for all
origins.py       origins that stand for all
hosts.py         Hosts that stand for all
methods.py       methods that stand for all
outcome.py       what a request means for a person
side.py          one of the policies
meaning.py       the meaning of a route's keys, however they are spelled
limits.py        where the search gives up
"""
