"""The policy: from YAML text to frozen values, with all problems at once and the place of each.

Each module imports only modules below it in this map:

from_effective.py  the text of a policy that means what an effective one says
from_options.py   `run` without a policy file: the text of a policy from command line options
reach.py          where a running proxy listens
read.py           the entry: finds the policy, reads it, returns a `Policy` or all its problems
build.py          inheritance and defaults: from decoded sections to what decides and forwards
schema.py         the JSON Schema for editors, config/policy.schema.json
reference.py      docs/policy.md
effective.py      the effective policy as plain data, for `check --show` and `/config`
fields.py         the table of all keys: top level and routes
cors_fields.py    the table of `cors` and `amp`
server_fields.py  the table of `server` and `admin`
assertions.py     `assert`: its keys, and whether each assertion holds
server.py         builds `server` and `admin`
tls.py            loads the TLS files, to find bad ones at the start
routes.py         checks paths, prefixes and names, and finds routes that never match
path_hints.py      paths in another grammar, and what to write in their place
checks.py         refuses and warns about keys that are valid alone but not together
isolation.py       checks `isolate`, and `storage_access` beside it
origins.py        lists of origins, also from files
feed_list.py       the list that a feed sends
origin_feeds.py    feeds of origins: `{url: …}`
values.py         types of values that several keys share
upstreams.py      the type of `upstream`: one or several endpoints of one API
origin_hints.py    what to write in place of a wrong origin
mappings.py       types of mappings: their keys, required keys, unknown keys
spellings.py      the key that an unknown one means: names of other products, misplaced keys
schema_patterns.py  patterns of the JSON Schema
types.py          types of scalars and lists: how a node is decoded and described
interpolate.py    expands `${VAR}`
nodes.py          YAML text to nodes that know their places, within bounds
reload.py         which changes need a restart
addresses.py      parsers of hosts, listeners, upstreams, networks and e-mail senders
suffixes.py       public suffixes, below which a wildcard is dangerous
tokens.py         parsers of methods and header names
files.py          reads files, bounded in size, as UTF-8
codes/             every code at length, and docs/checks.md
problems.py       the codes of problems, and the collection of problems
model.py          the frozen `Policy`, with the defaults of `server`
scalars.py        parsers of durations, sizes, booleans and words
"""
