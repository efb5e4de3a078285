"""Explanations as data: what a browser would do with a policy in its way, step by step.

question.py   what is asked: a page, a method, headers, a URL
exchange.py   one request of the browser's, and what the proxy makes of it
browser.py    the browser's way from question to verdict
checks.py     every check in its order, each with the line that decides it
messages.py   what Chromium and Firefox print;  network.py  Local Network Access
change.py     the smallest change of the policy that would allow it;  edit.py  changes a policy's text
text.py       for people;  document.py  for tools;  quote.py  the policy's lines
cases.py      a policy's own tests
log_line.py   curl.py  har.py  questions read from elsewhere, by  recorded.py

No rule stands here: decisions, headers and the browser's checks are those of `cors/`."""
