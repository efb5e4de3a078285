"""The admin page: one HTML file, the stream of decisions that it shows, and the explainer behind its form.

Nothing that a client sent is trusted on the way: it is printable ASCII before it leaves the process, and in the page it is
text, never markup."""
