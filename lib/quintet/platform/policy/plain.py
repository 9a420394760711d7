"""Text from outside made safe to look at.

What a person approves must be what they see. A file name, a subject line or a server's answer may
carry terminal escapes that repaint the screen, bidirectional marks that swap its halves, or letters
of no width; here each of them becomes a visible escape such as `\\x1b` or `\\u202e`.
"""

import unicodedata

_ZERO_WIDTH_NON_JOINER, _ZERO_WIDTH_JOINER = "\u200c", "\u200d"
_EMOJI_PRESENTATION = "\ufe0f"
_SKIN_TONES = range(0x1F3FB, 0x1F400)
# Letters and marks by category that are nevertheless drawn as nothing at all.
_DRAWN_AS_NOTHING = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0\u2800\u180b\u180c\u180d\u180f"
) | frozenset(map(chr, [*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)]))
# Scripts in which a joiner changes the shape of a word, as in Persian and Hindi.
_JOINING_SCRIPTS = range(0x0600, 0x1100)
_MARKS_ON_ONE_LETTER = 4


def plain_text(text: str, *, multiline: bool = False) -> str:
    """The same text without any character that acts on a terminal or hides from the eye.

    Line breaks and tabs are kept only in `multiline` text: a one-line field must not grow a second.
    """
    if text.isascii() and text.isprintable():
        return text
    shown: list[str] = []
    marks = 0
    for index, char in enumerate(text):
        marks = marks + 1 if unicodedata.category(char) in ("Mn", "Me") else 0
        keep = (multiline and char in "\n\t") or (
            _is_visible(char) or _shapes_its_neighbours(text, index)
        )
        shown.append(char if keep and marks <= _MARKS_ON_ONE_LETTER else _escaped(char))
    return "".join(shown)


def _is_visible(char: str) -> bool:
    """Letters, digits, signs and spaces; `isprintable` leaves out every control and format sign."""
    if char in _DRAWN_AS_NOTHING:
        return False
    return char.isprintable() or unicodedata.category(char) == "Zs"


def _shapes_its_neighbours(text: str, index: int) -> bool:
    """Whether an invisible sign does what it is for: join letters, or parts of one picture."""
    before = text[index - 1] if index else ""
    after = text[index + 1 : index + 2]
    char = text[index]
    if char == _EMOJI_PRESENTATION:
        return _is_picture(before)
    if char == _ZERO_WIDTH_JOINER and _is_picture(after):
        return _is_picture(before) or before == _EMOJI_PRESENTATION
    if char in (_ZERO_WIDTH_NON_JOINER, _ZERO_WIDTH_JOINER):
        return _is_joining_letter(before) and _is_joining_letter(after)
    return False


def _is_picture(char: str) -> bool:
    return bool(char) and (unicodedata.category(char) == "So" or ord(char) in _SKIN_TONES)


def _is_joining_letter(char: str) -> bool:
    return (
        bool(char) and ord(char) in _JOINING_SCRIPTS and unicodedata.category(char)[0] in ("L", "M")
    )


def _escaped(char: str) -> str:
    code = ord(char)
    if 0xDC80 <= code <= 0xDCFF:
        # A byte of a file name that is not UTF-8, as Python smuggles it into a string.
        return f"\\x{code - 0xDC00:02x}"
    if code <= 0xFF:
        return {"\n": "\\n", "\t": "\\t", "\r": "\\r"}.get(char, f"\\x{code:02x}")
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
