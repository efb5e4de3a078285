"""Where the answer to a request goes: what an upstream's connection calls while it reads one."""

from .response_head import ResponseHead


class ResponseSink:
    """The one that sent a request over the connection.

    In this order: `request_started` once the request's first bytes are written; `interim` for each
    1xx; `response` for the final head; `body` for each piece of it; `response_complete`.  `flush`
    follows what one segment brought.  Instead of the rest there may come `upstream_invalid` or
    `upstream_ended`, instead of all of it `request_unsent`, and instead of `response` `switch`.  A
    sink may end the connection in any of them, and is then called no more."""

    __slots__ = ()

    def request_started(self) -> None:
        """The request's first bytes are written: the rest of its body may follow."""
        raise NotImplementedError

    def request_unsent(self) -> None:
        """The connection ended before a byte of the request was sent over it."""
        raise NotImplementedError

    def upstream_writable(self) -> None:
        """The upstream takes bytes again."""
        raise NotImplementedError

    def interim(self, head: ResponseHead) -> None:
        """A 1xx, but for 101."""
        raise NotImplementedError

    def switch(self, head: ResponseHead) -> bool:
        """A 101.  False where it does not answer this request's handshake (RFC 6455 4.1); else the
        connection is a tunnel's now."""
        raise NotImplementedError

    def response(self, head: ResponseHead) -> None:
        """The final head."""
        raise NotImplementedError

    def body(self, data: bytes) -> None:
        """A piece of the body, without its framing."""
        raise NotImplementedError

    def flush(self) -> None:
        """What one segment brought has been handed over."""
        raise NotImplementedError

    def response_complete(self, reusable: bool) -> None:
        """The whole response has come.  `reusable`: the connection may carry another exchange."""
        raise NotImplementedError

    def upstream_invalid(self, detail: str) -> None:
        """These bytes are not a response, or not one to this request.  `detail` says why, in words
        of this code or of llhttp."""
        raise NotImplementedError

    def upstream_ended(self, clean: bool, answered: bool) -> None:
        """The upstream ended the connection, by FIN where `clean`, else by a reset.  `answered`:
        some byte of a response had come."""
        raise NotImplementedError
