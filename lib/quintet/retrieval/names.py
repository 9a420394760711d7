"""Paths as text that any database takes: a name need not be valid UTF-8, but must come back."""

# Bytes that are no UTF-8 stand here, at the end of the last private plane, where no name lies.
_SHIFT = 0x10FE00 - 0xDC00
_TO_TEXT = {code: code + _SHIFT for code in range(0xDC80, 0xDD00)}
_TO_PATH = {code: there for there, code in _TO_TEXT.items()}


def text_of(path: str) -> str:
    """A path as the system gives it, in signs that can be stored."""
    return path.translate(_TO_TEXT)


def path_of(text: str) -> str:
    """The path again, to be opened."""
    return text.translate(_TO_PATH)
