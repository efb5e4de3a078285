"""The commands: one module for each verb, each with `add_arguments(parser)` and `run(args) -> exit code`.

Each module imports only modules below it in this map:

explain.py          `explain`
cases.py            `test`
demo.py             `demo`
policy_text.py      a policy with its text
schema.py           `cors-proxy schema`
run.py              `run`
main.py             the command line
healthcheck.py      `healthcheck`
demo_playground.py  what the demo's playground asks its own origin
sample_api.py       a small API to put the proxy in front of
demo_pages.py       the demo's web pages
check.py            `cors-proxy check`
amp_origins.py      `cors-proxy amp-origins`
"""
