"""An answer while it is still arriving."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from quintet.platform.http.exchange import Exchange
from quintet.platform.http.failure import Garbled, TooLarge, translated
from quintet.platform.http.lines import ServerEvent, events_of, lines_of
from quintet.platform.http.message import HttpResponse

if TYPE_CHECKING:
    import httpcore2

    from quintet.platform.http.url import Target


class HttpStream:
    """Status and headers at once, the body as it comes. The body can be read once."""

    def __init__(
        self, exchange: Exchange, response: "httpcore2.Response", target: "Target"
    ) -> None:
        self._exchange = exchange
        self._response = response
        self._place = target.place
        self.status = response.status
        self.url = target.url
        self.headers = _headers_of(response)

    def chunks(self) -> Iterator[bytes]:
        """The body piece by piece; raises `TooLarge` beyond the limit of the request."""
        self._require_readable()
        limit = self._exchange.settings.response_limit_bytes
        received = 0
        pieces = iter(self._response.iter_stream())
        while True:
            with translated(self._place), self._exchange.bounded():
                piece = next(pieces, None)
            if piece is None:
                return
            received += len(piece)
            if received > limit:
                raise self._too_large()
            yield piece

    def lines(self) -> Iterator[str]:
        """The body as lines of text, each within the limit for lines."""
        return lines_of(self.chunks(), self._exchange.settings.line_limit_bytes)

    def events(self) -> Iterator[ServerEvent]:
        """The body as server-sent events."""
        return events_of(self.lines(), self._exchange.settings.line_limit_bytes)

    def whole(self) -> HttpResponse:
        """The rest of the answer at once."""
        return HttpResponse(self.status, self.url, self.headers, b"".join(self.chunks()))

    def close(self) -> None:
        """Give the connection back, or close it if there was more to read."""
        with translated(self._place):
            self._response.close()

    def _require_readable(self) -> None:
        encoding = self.headers.get("content-encoding", "identity").lower()
        if encoding not in ("identity", ""):
            # Unpacking what a stranger packed needs bounds of its own; we ask for plain answers.
            raise Garbled(
                f"{self._place} sent a compressed answer", why="it was asked for a plain one"
            )
        announced = self.headers.get("content-length", "")
        limit = self._exchange.settings.response_limit_bytes
        if announced.isascii() and announced.isdigit() and int(announced[:18]) > limit:
            raise self._too_large()

    def _too_large(self) -> TooLarge:
        limit = self._exchange.settings.response_limit_bytes
        return TooLarge(
            f"{self._place} sent too much", why=f"answers are read up to {limit:,} bytes"
        )


def _headers_of(response: "httpcore2.Response") -> dict[str, str]:
    headers: dict[str, str] = {}
    for raw_name, raw_value in response.headers:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers
