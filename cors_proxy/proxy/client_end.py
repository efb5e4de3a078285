"""What an exchange needs of its client's connection, and no more."""

from ..cors.reason import Reason
from .end import End
from .request_reader import Message
from .response_sink import ResponseSink
from .tunnel import Tunnel


class ClientEnd(End):
    """The client's connection, as an exchange sees it.  Each method that takes an exchange does
    nothing where another one is under way by now."""

    closing: bool  # the connection ends with the response under way

    def hold(self, held: bool) -> None:
        """Whether the client has to wait with the rest of its body: the exchange takes no more of
        it for now."""
        raise NotImplementedError

    def connection_line(self, message: Message) -> bytes:
        """The Connection line of the response to this request, with the empty line after it."""
        raise NotImplementedError

    def exchange_complete(self, exchange: ResponseSink) -> None:
        """The exchange has written its whole response."""
        raise NotImplementedError

    def exchange_failed(self, exchange: ResponseSink, status: int, reason: Reason, grant: bytes) -> None:
        """The exchange failed before its response began: the client gets an error of the proxy's
        own, with these lines of the grant."""
        raise NotImplementedError

    def exchange_truncated(self, exchange: ResponseSink) -> None:
        """The exchange failed in its response: the connection breaks off visibly."""
        raise NotImplementedError

    def become_tunnel(self, tunnel: Tunnel) -> None:
        """The handshake is over: the connection is the tunnel's."""
        raise NotImplementedError
