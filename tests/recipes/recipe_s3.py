"""moto, which checks signatures, and AWS's own client in Chromium: `make recipes`."""

import http.client
import json
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import boto3
from selenium.webdriver import Chrome

from tests.recipes.recipe_clients import decisions, result
from tests.recipes.servers import free_port, pages, program, proxy

TITLE = "S3 and other object stores"
ALL = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}


@contextmanager
def moto(log: Path) -> Iterator[int]:
    port = free_port()
    with program([sys.executable, "-m", "moto.server", f"--port={port}"], port, log):
        yield port


def bucket(port: int) -> tuple[str, str]:
    """A key and its secret."""
    url = f"http://localhost:{port}"
    any_key = {"region_name": "us-east-1", "aws_access_key_id": "any", "aws_secret_access_key": "any"}
    boto3.client("s3", endpoint_url=url, **any_key).create_bucket(Bucket="bucket")
    users = boto3.client("iam", endpoint_url=url, **any_key)
    users.create_user(UserName="page")
    users.put_user_policy(UserName="page", PolicyName="all", PolicyDocument=json.dumps(ALL))
    key = users.create_access_key(UserName="page")["AccessKey"]
    return key["AccessKeyId"], key["SecretAccessKey"]


def check_signatures(port: int) -> None:
    """From then on moto refuses what it does not find signed by a key, presigned URLs too."""
    with closing(http.client.HTTPConnection("localhost", port, timeout=20)) as client:
        client.request("POST", "/moto-api/reset-auth", b"0")
        assert client.getresponse().status == 200


def test_signed_requests_pass_as_they_are(chromium: Chrome, tmp_path: Path) -> None:
    with moto(tmp_path / "api") as api, pages() as page, proxy(TITLE, tmp_path, api, page) as port:
        own, foreign, url = f"http://localhost:{page}", f"http://127.0.0.1:{page}", f"http://localhost:{port}"
        key, secret = bucket(api)
        assert result(chromium, own, ["presigned", key, secret], url) == {"value": [200, True, "signed"]}
        check_signatures(api)
        assert result(chromium, own, ["s3", key, secret], url) == {
            "value": [True, "page", "world", "bytes 7-11/12", 6]
        }
        wrong = result(chromium, own, ["s3", key, "wrong"], url)
        assert wrong["error"].startswith("The request signature we calculated does not match")
        assert "error" in result(chromium, foreign, ["s3", key, secret], url)
    assert "refuse" not in decisions(tmp_path, own)
    assert decisions(tmp_path, foreign) == {"refuse"}
