"""The plugin of Traefik: what keeps it closed.  `python -m tests.engines` runs it."""

import pytest

from cors_proxy.engines.traefik import PLUGIN_FILE
from cors_proxy.engines.traefik_plugin import PLUGIN

from .test_traefik import made


@pytest.mark.parametrize(
    ("headers", "lines"),
    [
        ("x-forwarded", ("X-Forwarded-Method", "X-Forwarded-Uri", "X-Forwarded-Host")),
        ("x-original", ("X-Original-Method", "X-Original-Uri")),
    ],
)
def test_an_ask_describes_the_request_and_replaces_what_the_client_sent(
    headers: str, lines: tuple[str, ...]
) -> None:
    text = made(headers)[PLUGIN_FILE]
    assert all(text.count(f'ask.Header.Set("{line}", ') == 1 for line in (*lines, "X-Forwarded-Proto"))
    assert 'if "Host" == "Host" {\n\t\task.Host = req.Host\n' in text or headers == "x-forwarded"


def function(begin: str) -> str:
    """Its lines, without indentation."""
    body = PLUGIN.partition(f"\nfunc {begin}")[2].partition("\n}\n")[0]
    assert body
    return "\n".join(line.strip() for line in body.splitlines())


CLOSED = "{\nrw.WriteHeader(http.StatusServiceUnavailable)\nreturn\n}\n"


def test_only_a_decision_leads_to_the_api() -> None:
    serve = function("(a *Asker) ServeHTTP")
    before, condition, after = serve.partition('if decision == "forward" && answer.StatusCode == 200 {\n')
    assert condition and "next.ServeHTTP" not in before
    assert PLUGIN.count("next.ServeHTTP") == 2 == after.count("next.ServeHTTP")
    closed = f'if err != nil || len(body) > most || decision == "" {CLOSED}'
    assert before.endswith(closed) and f"answer, err := a.ask(req)\nif err != nil {CLOSED}" in before
    assert f"url.ParseRequestURI(target)\nif err != nil {CLOSED}" in after
    # A `forward` with another status is no answer for the client.
    assert 'if err != nil || decision == "forward" {\nstatus = http.StatusServiceUnavailable\n' in after


def test_an_answer_is_bounded_in_time_and_size() -> None:
    client = function("to(")
    assert "net.Dialer{Timeout: time.Second}" in client and "Timeout:   wait,\n" in client
    assert "const wait = 2 * time.Second\n" in PLUGIN
    assert "io.ReadAll(io.LimitReader(answer.Body, most+1))" in function("(a *Asker) ServeHTTP")
    assert "const most = 64 * 1024\n" in PLUGIN


def test_an_answer_that_leads_elsewhere_is_not_followed() -> None:
    assert "return http.ErrUseLastResponse\n" in function("to(")


def test_the_apis_own_grant_never_passes() -> None:
    remove, write = function("(w *writer) remove()"), function("(w *writer) WriteHeader")
    assert (
        'if removed[lower] || strings.HasPrefix(lower, "access-control-") {\ndelete(headers, name)\n'
        in remove
    )
    assert write.index("w.remove()\n") < write.index("w.grant()\n") < write.index("WriteHeader(status)")
    assert "w.remove()\nreturn w.ResponseWriter.(http.Hijacker).Hijack()" in function("(w *writer) Hijack")


def test_another_decider_is_asked_only_if_one_does_not_answer() -> None:
    ask = function("(a *Asker) ask(")
    assert "if err == nil {\nreturn answer, nil\n}\n" in ask and ask.endswith("return nil, err")
    assert "a.setAside(each)\nif time.Since(begun) >= wait {\nbreak\n}\n" in ask
    assert "return append(first, last...)" in function("(a *Asker) order()")
