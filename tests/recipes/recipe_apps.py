"""The section "Capacitor and Tauri apps", by the policies of docs/apps.md: `make recipes`.

A browser cannot have these origins, so they come over plain sockets."""

from pathlib import Path

import pytest

from tests.recipes.calls import answer, preflight
from tests.recipes.servers import proxy_by
from tests.test_apps import origins_of, policy_text


@pytest.mark.parametrize("kind", ["Capacitor", "Tauri"])
def test_an_app_is_allowed_and_those_of_other_tools_are_not(kind: str, express: int, tmp_path: Path) -> None:
    other = "tauri://localhost" if kind == "Capacitor" else "capacitor://localhost"
    with proxy_by(policy_text(kind), tmp_path, express) as port:
        origins = [origin.decode() for origin in origins_of(kind)]
        assert len(origins) == 3
        for origin in origins:
            assert answer(port, origin)[:2] == (200, origin)
            assert preflight(port, origin, "POST")[:2] == (204, origin)
        for origin in (other, "null", f"{origins[0]}.evil.example"):
            assert answer(port, origin)[:2] == (403, None)
            assert preflight(port, origin, "POST")[:2] == (403, None)
