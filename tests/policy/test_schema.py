"""The JSON Schema: equal to its file, valid, and it accepts what the reader accepts."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from cors_proxy.policy.schema import json_schema, schema_text

from .reading import MINIMAL

CONFIG = Path(__file__).parents[2] / "config"
VALIDATOR = Draft202012Validator(json_schema())


def load(text: str) -> Any:
    return yaml.safe_load(text)


def test_the_file_is_current() -> None:
    assert (CONFIG / "policy.schema.json").read_text("utf-8") == schema_text(), (
        "run: cors-proxy schema > config/policy.schema.json"
    )


def test_it_is_a_schema() -> None:
    Draft202012Validator.check_schema(json_schema())


@pytest.mark.parametrize("file", sorted(CONFIG.glob("*.yaml")), ids=lambda file: file.name)
def test_the_example_policies(file: Path) -> None:
    VALIDATOR.validate(load(file.read_text("utf-8")))


@pytest.mark.parametrize(
    "text",
    [
        "admin: off\nroutes: [{path: /x, cors: off}]\n",
        "admin: {listen: 127.0.0.1:1, hosts: a.example}\n",
        "cors: {origins: '*', max_age: 10, headers: '*', timing: '*'}\n",
        "cors: {origins: [null, https://a.example, {file: x.txt}], accept_from: null, max_age: 10m}\n",
        "cors: {credentials: '${C}', max_age: '${AGE:-10m}'}\nmode: ${MODE}\nserver: {workers: '${N}'}\n",
        "server: {limits: {header_bytes: 16KiB, body_bytes: 0}, timeouts: {connect: 0.5}, access_log: off, trusted_proxies: private}\n",
        "dangerously_allow: []\nroutes: [{path: /x, amp: {email: {senders: [a@b.example]}}}]\n",
    ],
)
def test_accepted_policies(text: str) -> None:
    VALIDATOR.validate(load(MINIMAL + text))


@pytest.mark.parametrize(
    "text",
    [
        "corss: {}\n",
        "cors: {origins: []}\n",
        "cors: {max_age: ten}\n",
        "cors: {max_age: 86401}\n",
        "cors: {credentials: maybe}\n",
        "mode: enforced\n",
        "routes: [{name: x}]\n",
        "server: {limits: {body_bytes: lots}}\n",
        "dangerously_allow: everything\n",
        "cors: {origins: [{fiel: x}]}\n",
    ],
)
def test_refused_policies(text: str) -> None:
    assert not VALIDATOR.is_valid(load(MINIMAL + text))
