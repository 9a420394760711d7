"""Source code: Python by its syntax tree, every other language by where its top level begins."""

import ast
import re
import warnings
from collections.abc import Iterator

from quintet.retrieval.document import Block, Document, Limits
from quintet.retrieval.loaders.text import decode, require_length

_TOP = re.compile(
    r"^(?:(?:export|default|public|private|protected|internal|static|final|abstract|async|unsafe"
    r"|pub(?:\([a-z]+\))?|inline|virtual|extern|const|declare)\s+)*"
    r"(?:func|function|fn|def|class|struct|enum|union|interface|trait|impl|type|module|mod|namespace"
    r"|package|object|protocol|extension|sub|macro_rules!|create\s+(?:table|view|function))\b"
    r"[ \t]*(?:\([^)\n]*\)[ \t]*)?([\w:.$]+)?",
    re.MULTILINE | re.IGNORECASE,
)


def load(data: bytes, limits: Limits) -> Document:
    """Any language: a block begins where something is defined at the left margin."""
    text, encoding = decode(data)
    require_length(text, limits)
    cuts = [(match.start(), ((match[1] or "").strip(),)) for match in _TOP.finditer(text)]
    return Document(text, tuple(_between(text, cuts)), encoding=encoding)


def load_python(data: bytes, limits: Limits) -> Document:
    """Functions and classes with their methods, each with the comments and decorators above it."""
    text, encoding = decode(data)
    require_length(text, limits)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text.removeprefix("\ufeff"))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        # Not Python after all, or a version of it that this one does not read.
        return load(data, limits)
    starts = _line_starts(text)
    cuts = [
        (starts[line - 1], head)
        for line, head in sorted(_definitions(tree, ()))
        if line <= len(starts)
    ]
    title = (ast.get_docstring(tree) or "").partition("\n")[0]
    return Document(text, tuple(_between(text, cuts)), title=title[:300], encoding=encoding)


def _definitions(node: ast.AST, above: tuple[str, ...]) -> Iterator[tuple[int, tuple[str, ...]]]:
    """The line where each definition begins, classes opened up once; and where it ends."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        head = (*above, child.name)
        first = min([child.lineno, *(decorator.lineno for decorator in child.decorator_list)])
        yield first, head
        if isinstance(child, ast.ClassDef) and not above:
            yield from _definitions(child, head)
        yield (child.end_lineno or child.lineno) + 1, above


def _line_starts(text: str) -> list[int]:
    # As the parser counts lines: only these three end one.
    return [0, *(match.end() for match in re.finditer(r"\r\n|\r|\n", text))]


def _between(text: str, cuts: list[tuple[int, tuple[str, ...]]]) -> Iterator[Block]:
    start, head = 0, ()
    for at, next_head in cuts:
        if at > start:
            yield Block(start, at, head)
        start, head = max(at, start), tuple(name for name in next_head if name)
    if start < len(text):
        yield Block(start, len(text), head)
