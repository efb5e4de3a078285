"""The policy: from YAML text to what the rest takes, with all errors at once and their lines.

Each module imports only modules below it in this map:

quick.py        the file-less form of `run`
read.py         from a file, or the text of one, to a frozen `Policy`
build.py        from decoded sections to the values that the core and the data path take
schema.py       the JSON Schema of a policy (draft 2020-12), from the table of fields; `config/polic
reference.py    `docs/policy.md`
effective.py    the policy as it acts
server.py       `server`, `listen` and `admin` of a decoded policy, as the data path takes them
fields.py       every key of the policy, in one table
tls.py          the files of `server.tls` and `server.upstream_tls`, tried when the policy is read
values.py       the values that several keys take
routes.py       what routes need beyond their keys' own kinds
origins.py      lists of origins
checks.py       what a policy must not say although each value is well formed, and what it should no
types.py        the kinds of values of the grammar
interpolate.py  `${VAR}` in scalars
suffixes.py     whether a wildcard spans a public suffix
reload.py       what a reload cannot change
nodes.py        yAML text to nodes of our own
addresses.py    names and addresses of the grammar
tokens.py       methods and header names of the policy
problems.py     what can be wrong with a policy
model.py        a whole policy, read and frozen
scalars.py      scalars of the grammar, each decoded from its text by its own rule
"""
