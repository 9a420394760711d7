"""PDF: the text of each page. Runs only in the loading process, as all C parsers do."""

import time
from contextlib import closing
from typing import Any

from quintet.retrieval.document import Document, Limits, Unreadable, Writer, too_large


def load(data: bytes, limits: Limits) -> Document:
    import pypdfium2

    try:
        opened = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower() or "security" in str(error).lower():
            raise Unreadable("this PDF is locked", why="it needs a password") from error
        raise Unreadable("this is no PDF, or a damaged one", why=str(error)) from error
    with closing(opened):
        return _document(opened, limits)


def _document(opened: Any, limits: Limits) -> Document:
    writer = Writer(limits)
    count = len(opened)
    if count > limits.pages:
        raise too_large(f"it has {count:,} pages; up to {limits.pages:,} are read")
    deadline_s = time.monotonic() + limits.time_s
    for number in range(count):
        if time.monotonic() > deadline_s:
            raise Unreadable(
                "this PDF takes too long", why=f"{number} of {count} pages in {limits.time_s:g} s"
            )
        writer.anchor(f"page {number + 1}")
        for paragraph in _text_of(opened, number).replace("\r\n", "\n").split("\n\n"):
            writer.block(paragraph)
    if not writer.length:
        raise Unreadable(
            "this PDF holds no text", why="its pages are pictures; text recognition is not done"
        )
    title = str(opened.get_metadata_dict().get("Title") or "")
    return writer.document(title=title)


def _text_of(opened: Any, number: int) -> str:
    """The text of one page; nothing where that page is broken."""
    import pypdfium2

    try:
        page = opened[number]
        with closing(page), closing(page.get_textpage()) as text:
            return str(text.get_text_bounded(errors="replace"))
    except pypdfium2.PdfiumError:
        return ""
