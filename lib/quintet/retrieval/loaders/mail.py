"""Mail: one message, or a folder of them in one file, with who wrote to whom, and when."""

import email
import email.errors
import email.policy
import re
import time
from collections.abc import Iterator
from email.message import EmailMessage
from email.utils import parsedate_to_datetime

from quintet.retrieval.document import Document, Limits, Unreadable, Writer, storable
from quintet.retrieval.loaders.html import document_of
from quintet.retrieval.loaders.text import decode, paragraphs

_SHOWN = ("From", "To", "Cc", "Date", "Subject")
_FROM_LINE = re.compile(rb"(?:\A|\n\r?\n)From [^\n]*\n")
# What the parser raises on input that nobody thought of.
_FAILURES = (
    *(ValueError, TypeError, AttributeError, LookupError),
    *(ArithmeticError, AssertionError, RecursionError, email.errors.MessageError),
)


def load(data: bytes, limits: Limits) -> Document:
    """A single message."""
    if not re.match(rb"[!-9;-~]+:", data.lstrip()[:200]):
        raise Unreadable("this is no mail", why="it does not begin with a header")
    writer = Writer(limits)
    written_s, title = _write(data.lstrip(), 1, writer, limits)
    return writer.document(title=title, written_s=written_s)


def load_mbox(data: bytes, limits: Limits) -> Document:
    """All messages of an mbox file; the time is that of the newest."""
    if not data.startswith(b"From "):
        raise Unreadable("this is no mbox file", why="it does not begin with `From `")
    writer = Writer(limits)
    deadline_s = time.monotonic() + limits.time_s
    times: list[float] = []
    for number, message in enumerate(_messages(data), start=1):
        if time.monotonic() > deadline_s:
            raise Unreadable(
                "this mail folder takes too long", why=f"more than {limits.time_s:g} s"
            )
        written_s, _ = _write(message, number, writer, limits)
        times += [written_s] if written_s is not None else []
    return writer.document(written_s=max(times, default=None))


def _messages(data: bytes) -> Iterator[bytes]:
    starts = [(match.start(), match.end()) for match in _FROM_LINE.finditer(data)]
    for (_, start), (end, _) in zip(starts, [*starts[1:], (len(data), 0)], strict=True):
        yield data[start:end].replace(b"\n>From ", b"\nFrom ")


def _write(data: bytes, number: int, writer: Writer, limits: Limits) -> tuple[float | None, str]:
    try:
        message = email.message_from_bytes(data, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        headers = {name: _header(message, name) for name in (*_SHOWN, "Message-ID")}
        body = _body(message, limits)
    except _FAILURES as error:
        raise Unreadable("this mail cannot be read", why=f"message {number}: {error}") from error
    writer.anchor(f"message {headers['Message-ID'] or number}")
    head = tuple(value for name in ("Subject", "From") if (value := headers[name]))
    shown = "\n".join(f"{name}: {headers[name]}" for name in _SHOWN if headers[name])
    writer.block(shown, head)
    for block in paragraphs(body):
        writer.block(body[block.start : block.end], head)
    return _time_of(headers["Date"]), headers["Subject"]


def _header(message: EmailMessage, name: str) -> str:
    try:
        return storable(" ".join(str(message.get(name, "")).split()))
    except _FAILURES:
        return ""


def _body(message: EmailMessage, limits: Limits) -> str:
    part = message.get_body(("plain", "html"))
    if part is None:
        return ""
    raw = part.get_payload(decode=True)
    data = raw if isinstance(raw, bytes) else b""
    charset = part.get_content_charset("utf-8")
    try:
        text = data.decode(charset)
    except (LookupError, ValueError):
        text = decode(data)[0]
    if part.get_content_type() == "text/html":
        return document_of(text, limits).text
    return storable(text)


def _time_of(date: str) -> float | None:
    try:
        return parsedate_to_datetime(date).timestamp()
    except (ValueError, TypeError, OverflowError, OSError, IndexError):
        return None
