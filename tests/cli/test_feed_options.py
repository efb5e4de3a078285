"""--feed and --fetch-feeds: the same list in check, explain and test, from a file or a real server."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from cors_proxy.cli.main import main

ONE = "https://one.example"
UNKNOWN = "is unknown here, and may hold this origin; --fetch-feeds asks for it"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "list.txt").write_text(f"{ONE}\n")
    (tmp_path / "bad.txt").write_text(f"{ONE}\n{ONE}/\n")
    return tmp_path


@pytest.fixture
def server() -> Iterator[str]:
    class Feed(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/o" else 404)
            self.end_headers()
            self.wfile.write(f"{ONE}\n".encode())

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Feed) as found:
        thread = threading.Thread(target=found.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield f"http://127.0.0.1:{found.server_port}/o"
        found.shutdown()
        thread.join()


def write(folder: Path, *urls: str) -> None:
    entries = ", ".join(f"{{url: '{url}'}}" for url in urls)
    (folder / "policy.yaml").write_text(
        f"version: 1\nupstream: http://127.0.0.1:1\ncors:\n  origins: [https://app.example, {entries}]\n"
    )


def explained(*options: str) -> int:
    return main(["explain", "--origin", ONE, "/x", *options])


def test_without_an_option_nothing_is_asked(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(folder, "http://127.0.0.1:1/o")
    assert main(["check"]) == 0
    capsys.readouterr()
    assert explained() == 1
    assert f"the list of the feed http://127.0.0.1:1/o (policy.yaml:4) {UNKNOWN}" in capsys.readouterr().out


def test_a_file_stands_for_the_feed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(folder, "http://api:3000/o")
    assert main(["check", "--feed", "list.txt"]) == 0
    assert explained("--feed", "list.txt") == 0
    out = capsys.readouterr().out
    assert f"because {ONE} is in the list of the feed http://api:3000/o\n" in out and UNKNOWN not in out
    (folder / "cases.yaml").write_text(
        f"cases:\n  - {{origin: '{ONE}', request: /x, expect: allow, rule: 4}}\n"
        "  - {origin: 'https://two.example', request: /x, expect: refuse}\n"
    )
    assert main(["test", "cases.yaml", "--feed", "list.txt"]) == 0
    assert main(["test", "cases.yaml"]) == 1


def test_the_change_of_an_explanation_keeps_the_list(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(folder, "http://api:3000/o")
    assert explained("--feed", "list.txt", "--method", "PUT") == 1
    changed = [line for line in capsys.readouterr().out.splitlines() if line.startswith("  +")]
    assert any("methods" in line for line in changed) and not any(ONE in line for line in changed)


def test_an_invalid_list_is_a_problem(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(folder, "http://user:secret@api:3000/o")
    assert main(["check", "--feed", "bad.txt"]) == 1
    out = capsys.readouterr().out
    assert 'E308  the feed http://***@api:3000/o: line 2: "https://one.example/": a slash' in out
    assert "secret" not in out
    assert explained("--feed", "bad.txt") == 1
    assert "E308" in capsys.readouterr().err
    assert main(["check", "--feed", "nowhere.txt"]) == 2


def test_each_of_several_feeds_has_a_file(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(folder, "http://api:3000/a", "http://api:3000/b")
    assert main(["check", "--feed", "list.txt"]) == 2
    assert "the policy has 2 feeds of origins: write URL=FILE" in capsys.readouterr().err
    assert main(["check", "--feed", "http://api:3000/b=bad.txt"]) == 1
    assert main(["check", "--feed", "http://api:3000/b=list.txt"]) == 0


def test_the_feed_is_asked(folder: Path, server: str, capsys: pytest.CaptureFixture[str]) -> None:
    write(folder, server)
    assert main(["check", "--fetch"]) == 0 and main(["check", "--fetch-feeds"]) == 0
    assert explained("--fetch-feeds") == 0
    write(folder, server + "ther")
    capsys.readouterr()
    assert main(["check", "--fetch"]) == 1
    assert "E308  the feed " in (out := capsys.readouterr().out) and "the answer is 404" in out
