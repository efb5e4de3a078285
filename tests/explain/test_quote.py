"""Lines of a policy, and of its files, by place."""

from pathlib import Path

from cors_proxy.cors.place import Place
from cors_proxy.explain.change import PolicyText
from cors_proxy.explain.quote import PolicyQuote


def test_lines(tmp_path: Path) -> None:
    (tmp_path / "tenants.txt").write_bytes(b"# all\nhttps://a.example\n")
    (tmp_path / "bad.txt").write_bytes(b"\xff\n")
    quote = PolicyQuote(PolicyText("a: b\n  c: d  \n", "policy.yaml", ""))
    assert quote(Place("policy.yaml", 2, 3)) == "c: d"
    assert quote(Place("policy.yaml", 9, 1)) == ""
    assert quote(Place(str(tmp_path / "tenants.txt"), 2, 1)) == "https://a.example"
    assert [quote(Place(str(tmp_path / name), 1, 1)) for name in ("bad.txt", "none.txt")] == ["", ""]
    assert PolicyQuote(None)(Place("policy.yaml", 1, 1)) == ""
