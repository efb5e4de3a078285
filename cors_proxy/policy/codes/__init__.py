"""What each code of a problem means at length, with an example that is wrong and one that is right.

Each module imports only modules below it in this map:

page.py     docs/checks.md, and the text of `check --explain`
text.py     E1: files, YAML and variables
keys.py     E2, W2: keys and their values
origins.py  E3, W3: origins and patterns
grants.py   E4, W4: what may be granted, and to whom
routes.py   E5, W5: routes and AMP
files.py    E6, E7: TLS files, packages and reloads
about.py    the form of an explanation
"""
