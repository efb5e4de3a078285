"""What a change of a policy lets in, and what it keeps out.

Each module imports only modules below it in this map:

running.py      the policy of a running proxy
earlier.py      the policy at an earlier revision of a Git repository
sarif.py        a comparison as SARIF
annotations.py  a comparison as annotations of a workflow
markdown.py     a comparison as Markdown
document.py     a comparison as JSON
text.py         a comparison as text
phrases.py      findings in words
witness.py      the request that shows a finding, as commands
compare.py      the entry: `compare(old, new)`
settings.py     settings that decide about no request
findings.py     differences of one cause, together
who.py          who a difference is about
causes.py       the key that a difference comes from
differences.py  every class of requests that two policies treat differently
unsaid.py       what is new where feeds list origins that a policy names
difference.py   what differs about one request
"""
