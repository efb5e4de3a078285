"""Explains what a browser would do with a request, what the proxy answers, and what would help.

No rule of CORS is here: `cors/` decides, writes the headers and has the browser's checks.

Each module imports only modules below it in this map:

log_line.py          a line of the access log as a question
logged.py            a logged decision as the question that led to it
har.py               the CORS requests in a browser's HAR file as questions
curl.py              a curl command as a question
fetch_call.py        a fetch() call as a question
cmd_quoting.py       the quoting of Windows
proposal.py          one change for many recorded questions
recorded.py          what these three share: which recorded headers the page set, what is unknown
render_via.py        `explain --via` as text, table and JSON
matrix.py            the table of docs/embedding.md: every way under four policies
via.py               what a way sends, whether it reaches the API, what the page learns
ways.py              every way in which a page makes a browser send a request
render.py            an explanation as text
document.py          an explanation as JSON
quote.py             the policy line at a place
change.py            the smallest change of a policy that would allow a question
edit.py              edits the YAML text of a policy
cases.py             a policy's own unit tests
browser.py           plays the browser: preflight, request, verdict
checks.py            every check of the proxy and of the browser, with its policy line
messages.py          the console messages of Chromium and Firefox
browser_exchange.py  one request of the browser, and the proxy's response
network.py           Local Network Access
question.py          what is asked: origin, method, URL, headers, credentials
reasons.py           generates docs/reasons.md
"""
