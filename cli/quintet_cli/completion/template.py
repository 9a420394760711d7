"""The hand-written part of each script; a program fills in what it reads from the parser."""

from importlib import resources
from string import Template

_HEADER = "Generated from the command tree by `make generated`; changes here will be lost."


class _Template(Template):
    # Shell code is full of dollar signs.
    delimiter = "@@"


def filled(name: str, **values: str) -> str:
    """The template of this name; a placeholder without a value is an error."""
    text = resources.files("quintet_cli.completion").joinpath("templates", name).read_text("utf-8")
    return _Template(text).substitute(values, header=_HEADER)
