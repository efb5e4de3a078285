import pytest

from cors_proxy.learn.openapi import Operation, Templates, read_openapi
from cors_proxy.learn.paths import pattern
from cors_proxy.policy.problems import PolicyProblems

OPENAPI = """\
openapi: 3.1.0
servers: [{url: https://api.example.com/v1/}]
security: [{bearer: []}]
paths:
  /orders:
    get: {security: [{key: []}]}
    post: {requestBody: {$ref: "#/components/requestBodies/Order"}}
  /orders/{id}:
    parameters: [{$ref: "#/components/parameters/Trace"}, {in: query, name: q}]
    put: {requestBody: {content: {text/plain: {}}}, parameters: [{in: header, name: If-Match}]}
    options: {}
    summary: an order
  /users/me: {get: {}}
  /users/{name}: {get: {}}
  /a//b: {get: {}}
components:
  requestBodies: {Order: {content: {application/json: {}}}}
  parameters: {Trace: {in: header, name: X-Trace}}
  securitySchemes: {bearer: {type: http}, key: {type: apiKey, in: header, name: X-Key}}
"""
SWAGGER = """{"swagger": "2.0", "basePath": "/v2", "securityDefinitions": {"k": {"type": "basic"}},
 "paths": {"/pets/{id}": {"patch": {"security": [{"k": []}], "consumes": ["application/json"]}}}}"""


def test_operations_of_openapi_3() -> None:
    found = [(pattern(each.parts), each.method, each.headers) for each in read_openapi(OPENAPI, "api.yaml")]
    assert found == [
        ("/v1/orders", "GET", ("x-key",)),
        ("/v1/orders", "POST", ("authorization", "content-type")),
        ("/v1/orders/*", "PUT", ("authorization", "if-match", "x-trace")),
        ("/v1/users/me", "GET", ("authorization",)),
        ("/v1/users/*", "GET", ("authorization",)),
    ]


def test_operations_of_swagger_2_in_json() -> None:
    (found,) = read_openapi(SWAGGER, "api.json")
    assert found == Operation(("v2", "pets", "*"), "PATCH", ("authorization", "content-type"))


@pytest.mark.parametrize("text", ["a: b", "paths: []", "- x", "a: [", "{"])
def test_no_openapi(text: str) -> None:
    with pytest.raises((ValueError, PolicyProblems)):
        read_openapi(text, "api.yaml")


def test_words_come_before_values() -> None:
    templates = Templates(read_openapi(OPENAPI, "api.yaml"))
    assert templates.find("/v1/users/me/") == ("v1", "users", "me")
    assert templates.find("/v1/users/ada") == ("v1", "users", "*")
    assert templates.find("/v1/users/ada/x") is None and templates.find("/") is None
