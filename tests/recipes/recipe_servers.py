"""Recipes that a browser does not see: origins from a file, and previews."""

from pathlib import Path

from tests.processes import until
from tests.recipes.calls import answer, status
from tests.recipes.servers import proxy


def test_tenants_come_and_go_with_the_file(express: int, tmp_path: Path) -> None:
    tenants = tmp_path / "tenants.txt"
    tenants.write_text("https://one.example\n")
    with proxy("Several tenants, from a file", tmp_path, express) as port:
        assert status(port, "https://one.example") == 200
        assert status(port, "https://two.example") == 403
        tenants.write_text("https://two.example\n")
        until(lambda: status(port, "https://two.example") == 200, "the new list")
        assert status(port, "https://one.example") == 403
        tenants.write_text("https://one.example\nno origin\n")
        until(lambda: "policy-refused" in (tmp_path / "events").read_text(), "the event")
        assert "tenants.txt:2" in (tmp_path / "events").read_text()
        assert status(port, "https://two.example") == 200


def test_previews(express: int, tmp_path: Path) -> None:
    with proxy("Preview deployments", tmp_path, express) as port:
        for origin in ("https://app.example.com", "https://pr-7.preview.example.com"):
            assert answer(port, origin)[:2] == (200, origin)
        assert status(port, "https://pr-7.preview.example.com.evil.example") == 403
