"""One change for many requests."""

from cors_proxy.explain.browser import explain
from cors_proxy.explain.change import Change, PolicyText
from cors_proxy.explain.proposal import propose_for_all
from cors_proxy.explain.question import Question, parse_question
from cors_proxy.explain.recorded import RecordedQuestion

APP, EVIL = "https://app.example", "https://evil.example"


def test_one_change(source: PolicyText) -> None:
    policy = source.read()
    questions = [
        parse_question(policy, "/r", APP, "DELETE", ["X-A"]),
        parse_question(policy, "/r", EVIL, "GET"),
        parse_question(policy, "/r", APP, "TRACE"),
        parse_question(policy, "/r", APP, "GET"),
    ]
    recorded = [RecordedQuestion("", question) for question in questions]
    recorded.append(RecordedQuestion("", questions[0], incomplete="it was cut"))
    recorded.append(RecordedQuestion("", questions[0], unfixable="it was repeated"))
    proposal = propose_for_all(source, policy, recorded)
    after = source.with_text(proposal.change.text).read()
    assert [explain(after, each).allowed for each in questions] == [True, True, False, True]
    assert proposal.change.diff.count("@@") == 2
    assert len(proposal.change.dangers) == len(set(proposal.change.dangers)) == 3
    assert [bool(each.why_none) for each in proposal.each] == [False, False, True, False, False, True]
    assert proposal.each[4].withheld == "it was cut"


def test_changes_that_contradict(source: PolicyText) -> None:
    """With credentials `*` is not enough, so every other origin loses its access."""
    text = source.with_text(
        'version: 1\nupstream: http://127.0.0.1:3000\ncors: {origins: "*", methods: [GET]}\n'
    )
    policy = text.read()
    questions: list[Question] = [
        parse_question(policy, "/r", APP, "GET"),
        parse_question(policy, "/r", EVIL, "GET", credentials=True),
    ]
    proposal = propose_for_all(text, policy, [RecordedQuestion("", each) for each in questions])
    after = text.with_text(proposal.change.text).read()
    assert all(explain(after, each).allowed for each in questions)


def test_a_single_question_says_why_there_is_none(source: PolicyText) -> None:
    policy = source.read()
    question = parse_question(policy, "/r", APP, "TRACE")
    found = propose_for_all(source, policy, [RecordedQuestion("", question)])
    assert found.change == found.each[0] != Change()
