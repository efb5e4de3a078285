"""What is learned from the traffic of 20 APIs: every page still works, and nobody else gets in.

`python -m tests.learn` does the same with more traffic, and judges each by `diff`.
"""

import pytest

from .apis import APIS, Api
from .judging import beyond, judged

COUNT = 400


@pytest.mark.parametrize("api", APIS, ids=[api.name for api in APIS])
def test_from_traffic_to_policy(api: Api) -> None:
    found = judged(api, COUNT, seed=len(api.name))
    if api.style == "reflects":
        assert found.refused == found.good, "an API that grants every origin proves nothing"
    else:
        assert not found.refused and found.granted, found.text
    assert not found.hostile
    assert len(found.wrong) <= 0.05 * len(found.granted), found.wrong[:5]


def test_diff_finds_no_grant_beyond_the_true_policy() -> None:
    (api,) = (api for api in APIS if api.name == "a login, and an API beside it")
    found = judged(api, COUNT, seed=1)
    assert beyond(api, found.text) == []
    assert beyond(api, found.text.replace("methods: [GET", "methods: [PUT, GET")) != []
