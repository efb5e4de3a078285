"""The messages have the numbers of Envoy's API.  The bytes were made by the classes of the package
envoy-data-plane 2.2, which are generated from that API."""

from typing import Any

import pytest

from cors_proxy.proxy.grpc_messages import (
    ADD_IF_ABSENT,
    INVALID_ARGUMENT,
    OVERWRITE,
    CheckRequest,
    CheckResponse,
    GrpcError,
    ProcessingRequest,
    ProcessingResponse,
    decoded,
)


def kv(options: Any, **more: object) -> None:
    options.add(header={"key": b"k", "raw_value": b"v"}, **more)


def test_an_ask() -> None:
    data = "0a2b222912270a016912034745541a060a01611201626a080a060a016b1a017622022f702a0168320468747470"  # all
    http = decoded(CheckRequest, bytes.fromhex(data)).attributes.request.http
    assert (http.id, http.method, http.path, http.host, http.scheme) == (b"i", b"GET", b"/p", b"h", b"http")
    assert [(each.key, each.value) for each in http.headers] == [(b"a", b"b")]
    assert [(each.key, each.raw_value) for each in http.header_map.headers] == [(b"k", b"v")]


def test_the_answers_of_ext_authz() -> None:
    denied = CheckResponse(status={"code": 7}, denied_response={"status": {"code": 403}, "body": b"b"})
    denied.denied_response.headers.add(header={"key": b"k", "value": b"v"}, append_action=OVERWRITE)
    assert denied.SerializeToString().hex() == "0a02080712140a03089303120a0a060a016b12017618021a0162"
    allowed = CheckResponse()
    allowed.ok_response.headers.add(header={"key": b":path", "value": b"/p"})
    allowed.ok_response.headers_to_remove.append(b"r")
    kv(allowed.ok_response.response_headers_to_add, append_action=ADD_IF_ABSENT)
    expected = "1a1e120d0a0b0a053a7061746812022f702a0172320a0a060a016b1a01761801"
    assert allowed.SerializeToString().hex() == expected


@pytest.mark.parametrize(
    ("kind", "data"),
    [("request_headers", "120a0a080a060a016b1a0176"), ("response_headers", "1a0a0a080a060a016b1a0176")],
)
def test_what_ext_proc_sends(kind: str, data: str) -> None:
    message = decoded(ProcessingRequest, bytes.fromhex(data))
    assert message.HasField(kind)
    assert [(each.key, each.raw_value) for each in getattr(message, kind).headers.headers] == [(b"k", b"v")]


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("request_headers", "0a110a0f120d0a080a060a016b1a0176120172"),
        ("response_headers", "12110a0f120d0a080a060a016b1a0176120172"),
    ],
)
def test_what_ext_proc_gets(kind: str, data: str) -> None:
    message = ProcessingResponse()
    mutation = getattr(message, kind).response.header_mutation
    kv(mutation.set_headers)
    mutation.remove_headers.append(b"r")
    assert message.SerializeToString().hex() == data


def test_an_immediate_response() -> None:
    message = ProcessingResponse(immediate_response={"status": {"code": 403}, "body": b"b"})
    kv(message.immediate_response.headers.set_headers)
    assert message.SerializeToString().hex() == "3a140a03089303120a0a080a060a016b1a01761a0162"


@pytest.mark.parametrize("data", [b"\xff", b"\x0a\x7f", b"\x00"])
def test_what_is_no_message(data: bytes) -> None:
    with pytest.raises(GrpcError) as raised:
        decoded(CheckRequest, data)
    assert raised.value.code == INVALID_ARGUMENT
