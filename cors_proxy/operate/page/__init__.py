"""The admin page: one HTML file, the stream of decisions that it shows, and the explainer behind its form.

Each module imports only modules below it in this map:

routes.py          what the page asks for
feed.py            those who look at the stream of decisions
headers.py         what every answer of the admin listener carries, its errors too
explainer.py       the page's explanations
decision_event.py  a decision as the page shows it, and never more of them than a person could read
body.py            the body of a form
"""
