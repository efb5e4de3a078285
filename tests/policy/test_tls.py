"""TLS files are loaded when the policy is read."""

from pathlib import Path

import pytest
import trustme
from cryptography.hazmat.primitives import serialization

from cors_proxy.policy.model import Tls, UpstreamTls

from .reading import codes, problems, read

EDGE = "server: {tls: {certificate: edge.crt, key: edge.key}}\n"
UPSTREAM = "server: {upstream_tls: {ca: ca.crt, certificate: edge.crt, key: edge.key, server_name: API.internal, verify: false}}\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tls")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.crt")
    for name in ("edge", "other"):
        leaf = authority.issue_cert("api.example")
        leaf.private_key_pem.write_to_path(folder / f"{name}.key")
        (folder / f"{name}.crt").write_bytes(b"".join(blob.bytes() for blob in leaf.cert_chain_pems))
    key = serialization.load_pem_private_key((folder / "edge.key").read_bytes(), None)
    locked = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"secret"),
    )
    (folder / "locked.key").write_bytes(locked)
    (folder / "text").write_text("no PEM\n")
    return folder


def test_good_files(folder: Path) -> None:
    policy = read(EDGE, str(folder))
    assert policy.server.tls == Tls(str(folder / "edge.crt"), str(folder / "edge.key"))
    assert policy.files == (str(folder / "edge.crt"), str(folder / "edge.key"))
    upstream = read(UPSTREAM, str(folder)).server.upstream_tls
    assert upstream == UpstreamTls(
        str(folder / "ca.crt"), str(folder / "edge.crt"), str(folder / "edge.key"), "api.internal", False
    )


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [
        (EDGE.replace("edge.key", "other.key"), 44, "is not the key of the certificate"),
        (EDGE.replace("edge.key", "locked.key"), 44, "no unencrypted PEM private key"),
        (EDGE.replace("edge.key", "text"), 44, "no unencrypted PEM private key"),
        (EDGE.replace("edge.crt", "text"), 29, "no PEM certificate"),
        (EDGE.replace("edge.crt", "none.crt"), 29, "cannot be read: No such file"),
        ("server: {upstream_tls: {ca: text}}\n", 29, "no PEM certificate of an authority"),
        (UPSTREAM.replace("edge.key", "other.key"), 65, "is not the key of the certificate"),
    ],
)
def test_bad_files(folder: Path, text: str, column: int, words: str) -> None:
    (problem,) = problems(text, folder)
    assert (problem.code, problem.place.column) == ("E601", column)
    assert words in problem.message


def test_a_client_certificate_needs_its_key(folder: Path) -> None:
    assert codes("server: {upstream_tls: {certificate: edge.crt}}\n", folder) == ["E202"]
    assert codes("server: {upstream_tls: {key: edge.key}}\n", folder) == ["E202"]
