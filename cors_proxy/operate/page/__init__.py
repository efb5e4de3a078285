"""The admin page: one HTML file, the stream of decisions, and the form for explanations.

Each module imports only modules below it in this map:

routes.py          the HTTP routes of the page
feed.py            followers of the stream of decisions
headers.py         the security headers of each admin response
explainer.py       from the form to an explanation
decision_event.py  a decision as JSON, and batches of them
body.py            reads the body of a form
"""
