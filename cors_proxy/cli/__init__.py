"""The command line: a module for each verb, with `add_arguments(parser)` and `run(args)`.

`run` returns the exit code.

Each module imports only modules below it in this map:

main.py             runs the verb that the command line names
manual.py           the man page
parser.py           the verbs and their options, and what a wrong word means
completion.py       completion for bash, zsh and fish
quiet_pipe.py       output to a pipe whose reader has left
init.py             `init`: asks four questions
init_files.py       the policy and the compose file that it writes
explain.py          `explain`: what a browser does under a policy, and why
cases.py            `test`: unit tests of a policy
learn.py            `learn`: proposes a policy from what was seen
progress.py         a bar on a terminal, while a long file is read
prove.py            `prove`: assertions about a policy
diff.py             `diff`: what a change of a policy lets in
policy_text.py      a policy with its text, for the verbs above
check.py            `check`: every problem of a policy
excerpt.py          the line of a file that a problem is about
feed_options.py     --feed and --fetch-feeds: lists for verbs that do not serve
run.py              `run`: starts the proxy
healthcheck.py      `healthcheck`: asks whether the proxy is healthy
glue.py             `glue`: the configuration of another engine that asks
policy_argument.py  -c, the argument that these verbs share
schema.py           `schema`: the JSON Schema of a policy
amp_origins.py      `amp-origins`: the origins of an AMP publisher's pages
demo.py             `demo`: a sample API, the proxy, and pages that call it
demo_playground.py  what the demo's playground gets from its own origin
demo_pages.py       the demo's web pages (pages/)
sample_api.py       the demo's API
"""
