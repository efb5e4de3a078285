"""The admin page: its HTML, styles and scripts, the stream of decisions, explanations.

Each module imports only modules below it in this map:

routes.py          the HTTP routes of the page
feed.py            followers of the stream of decisions
headers.py         the security headers of each admin response
listing.py         the policy's own text, line by line
proposed.py        the proposal from what was seen
explainer.py       from the form to an explanation
decision_event.py  a decision as JSON, and batches of them
body.py            reads the body of a form
"""
