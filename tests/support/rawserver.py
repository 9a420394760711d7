"""A server on loopback that answers with exactly the bytes a test wants, and keeps what it got."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Sequence

Answer = Callable[[socket.socket], None]


def reply(status: str = "200 OK", body: bytes = b"", *headers: str) -> Answer:
    """A well-formed answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]

    def answer(connection: socket.socket) -> None:
        connection.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)

    return answer


def raw(data: bytes) -> Answer:
    """Any bytes at all, and then the end."""

    def answer(connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            connection.sendall(data)
            connection.shutdown(socket.SHUT_RDWR)

    return answer


class RawServer:
    """Gives its answers in turn, the last one again and again. Use it in a `with` block."""

    def __init__(self, *answers: Answer, context: ssl.SSLContext | None = None) -> None:
        self._answers: Sequence[Answer] = answers
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self._turn = 0
        self._lock = threading.Lock()
        self.port: int = self._listener.getsockname()[1]
        self.requests: list[bytes] = []
        self.connections = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> "RawServer":
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        # Wakes `accept`, which closing the listener from another thread does not.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(5)

    @property
    def is_stopping(self) -> bool:
        return self._stopping.is_set()

    def pause(self, duration_s: float) -> None:
        """Wait inside an answer, but not longer than the test lasts."""
        self._stopping.wait(duration_s)

    def _start(self, target: Callable[[], None]) -> None:
        thread = threading.Thread(target=target, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._stopping.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            if self._stopping.is_set():
                connection.close()
                return
            self.connections += 1
            self._start(lambda connection=connection: self._serve(connection))

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            connection.settimeout(5)
            stream = connection
            if self._context is not None:
                stream = self._context.wrap_socket(connection, server_side=True)
            while request := _read_request(stream):
                with self._lock:
                    self.requests.append(request)
                    answer = self._answers[min(self._turn, len(self._answers) - 1)]
                    self._turn += 1
                answer(stream)


def _read_request(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65536)
        if not piece:
            return b""
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            while len(body) < int(line.partition(b":")[2]):
                body += connection.recv(65536)
    return head + b"\r\n\r\n" + body
