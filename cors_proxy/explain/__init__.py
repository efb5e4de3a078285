"""Explanations as data: what a browser would do with a policy in its way, step by step.

Each module imports only modules below it in this map:

log_line.py          a line of the access log, JSON or text, as a question
har.py               every CORS exchange in a browser's HAR file (http://www.softwareishard.com/blog
curl.py              a pasted curl command as a question
text.py              an explanation for people
quote.py             the lines of a policy, and of the files that it names, by their places
document.py          an explanation as one JSON document, for tools and for the admin page
recorded.py          from header lines that somebody recorded to a question
change.py            the smallest change of a policy that would allow what is asked
cases.py             a policy's own tests
browser.py           the browser's way
network.py           local Network Access
checks.py            every check in its order, with its verdict and the line that decides it
browser_exchange.py  one request of the browser's, and what the proxy makes of it
reasons.py           `docs/reasons.md`
edit.py              changes a policy's text and nothing but
messages.py          what the consoles of Chromium and Firefox print about a failed check, as record
question.py          what is asked

No rule stands here: decisions, headers and the browser's checks are those of `cors/`.
"""
