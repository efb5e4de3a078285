"""The messages of Envoy's gRPC services, with those fields that are used here, and the ways in which a
call fails.  Needs the extra `grpc`.

The numbers are those of Envoy's API, and protobuf skips the fields that are not listed.  Texts are
`bytes` here, which are the same on the wire: a header may hold any byte (RFC 9110 5.5).  There is no
generated code, which would need one range of versions of protobuf (ADR 13).

https://github.com/envoyproxy/envoy/tree/main/api/envoy/service: auth/v3, ext_proc/v3
https://github.com/grpc/grpc/blob/master/doc/health-checking.md"""

from typing import Any, Final

from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import DecodeError
from google.protobuf.message_factory import GetMessageClass

_SCHEMA: Final = """
HeaderValue: bytes key 1, bytes value 2, bytes raw_value 3
HeaderMap: HeaderValue* headers 1
HeaderValueOption: HeaderValue header 1, int32 append_action 3, bool keep_empty_value 4
HttpStatus: int32 code 1
Status: int32 code 1, bytes message 2

Pair: bytes key 1, bytes value 2
HttpRequest: bytes id 1, bytes method 2, Pair* headers 3, bytes path 4, bytes host 5, bytes scheme 6, \
HeaderMap header_map 13
RequestAttributes: HttpRequest http 2
AttributeContext: RequestAttributes request 4
CheckRequest: AttributeContext attributes 1
Value: bytes string_value 3
Entry: bytes key 1, Value value 2
Struct: Entry* fields 1
DeniedHttpResponse: HttpStatus status 1, HeaderValueOption* headers 2, bytes body 3
OkHttpResponse: HeaderValueOption* headers 2, bytes* headers_to_remove 5, \
HeaderValueOption* response_headers_to_add 6
CheckResponse: Status status 1, DeniedHttpResponse denied_response 2, OkHttpResponse ok_response 3, \
Struct dynamic_metadata 4

HttpHeaders: HeaderMap headers 1
ProcessingRequest: HttpHeaders request_headers 2, HttpHeaders response_headers 3
HeaderMutation: HeaderValueOption* set_headers 1, bytes* remove_headers 2
CommonResponse: HeaderMutation header_mutation 2
HeadersResponse: CommonResponse response 1
ImmediateResponse: HttpStatus status 1, HeaderMutation headers 2, bytes body 3
ProcessingResponse: HeadersResponse request_headers 1, HeadersResponse response_headers 2, \
ImmediateResponse immediate_response 7, ProcessingMode mode_override 9
ProcessingMode: int32 request_header_mode 1, int32 response_header_mode 2

HealthCheckResponse: int32 status 1
"""
_SCALARS: Final = {
    "bytes": FieldDescriptorProto.TYPE_BYTES,
    "int32": FieldDescriptorProto.TYPE_INT32,
    "bool": FieldDescriptorProto.TYPE_BOOL,
}
_PACKAGE: Final = "cors_proxy.grpc"
# HeaderValueOption.append_action
APPEND: Final = 0
ADD_IF_ABSENT: Final = 1
OVERWRITE: Final = 2  # or add it
OVERWRITE_IF_EXISTS: Final = 3
# ProcessingMode.response_header_mode
SEND: Final = 1


def _file() -> FileDescriptorProto:
    file = FileDescriptorProto(name="cors_proxy.proto", package=_PACKAGE, syntax="proto3")
    for line in filter(None, _SCHEMA.splitlines()):
        name, _, fields = line.partition(": ")
        message = file.message_type.add(name=name)
        for text in fields.split(", "):
            kind, label, number = text.split()
            repeated, kind = kind.endswith("*"), kind.removesuffix("*")
            field = message.field.add(name=label, number=int(number))
            field.label = (
                FieldDescriptorProto.LABEL_REPEATED if repeated else FieldDescriptorProto.LABEL_OPTIONAL
            )
            if kind in _SCALARS:
                field.type = _SCALARS[kind]
            else:
                field.type, field.type_name = FieldDescriptorProto.TYPE_MESSAGE, f".{_PACKAGE}.{kind}"
    return file


_POOL: Final = DescriptorPool()
_POOL.Add(_file())


def message_class(name: str) -> Any:
    return GetMessageClass(_POOL.FindMessageTypeByName(f"{_PACKAGE}.{name}"))


CheckRequest: Final = message_class("CheckRequest")
CheckResponse: Final = message_class("CheckResponse")
ProcessingRequest: Final = message_class("ProcessingRequest")
ProcessingResponse: Final = message_class("ProcessingResponse")
HealthCheckResponse: Final = message_class("HealthCheckResponse")

# What a call ends with that has no answer: https://grpc.github.io/grpc/core/md_doc_statuscodes.html
INVALID_ARGUMENT: Final = 3
DEADLINE_EXCEEDED: Final = 4
PERMISSION_DENIED: Final = 7
RESOURCE_EXHAUSTED: Final = 8
FAILED_PRECONDITION: Final = 9
UNIMPLEMENTED: Final = 12
INTERNAL: Final = 13


class GrpcError(Exception):
    """Ends a call.  Engines take it for a refusal.  `detail` is a text of this code."""

    def __init__(self, code: int, detail: str) -> None:
        super().__init__(detail)
        self.code, self.detail = code, detail


def decoded(kind: Any, data: bytes) -> Any:
    """A message of this class.  Raises GrpcError."""
    try:
        return kind.FromString(data)
    except DecodeError:
        raise GrpcError(INVALID_ARGUMENT, "not a message of this method") from None
