"""The text of the rules: what it may say, and which line is wrong when it says anything else."""

import difflib
import json
import re
import tomllib
from pathlib import Path
from typing import Any, cast

from quintet.errors import QuintetError, UsageError
from quintet.platform.policy.destination import (
    LOOPBACK,
    BadDestination,
    is_loopback,
    normal_pattern,
)
from quintet.platform.policy.label import Label, Labels
from quintet.platform.policy.rule import Rule

TABLE = re.compile(r"\s*\[")
_HEADER = re.compile(r"\s*\[\[\s*[\"']?(allow|deny)[\"']?\s*\]\]")
_PURPOSE = re.compile(r"[a-z][a-z0-9-]{0,39}")
_KEYS = {
    "allow": ("destination", "port", "purpose", "data", "together"),
    "deny": ("destination", "port", "purpose"),
}


class RulesInvalid(QuintetError):
    """The rules cannot be understood, so nothing may leave."""

    code = "egress.rules_invalid"


class BadRule(UsageError):
    """A rule that the file could not hold."""

    code = "egress.bad_rule"


class _Flaw(Exception):
    """What is wrong with a rule, and the key that it is wrong with."""

    def __init__(self, why: str, key: str = "") -> None:
        super().__init__(why)
        self.why = why
        self.key = key


def parse(data: bytes, path: Path) -> list[Rule]:
    """The rules in a file's content; raises `RulesInvalid` with the line."""
    try:
        text = data.decode("utf-8-sig")
        document = tomllib.loads(text)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _invalid(path, line, "it is not UTF-8 text") from error
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"\(at line (\d+)", str(error))
        line = int(at[1]) if at else data.count(b"\n") + 1
        raise _invalid(path, line, str(error)) from error
    except RecursionError as error:
        raise _invalid(path, 1, "it is nested too deeply") from error
    lines = text.splitlines()
    for key in document:
        if key not in _KEYS:
            why = f"there is no table {key!r}; rules are [[allow]] and [[deny]]"
            raise _invalid(path, _line_of(key, lines, 0), why)
    rules = [rule for kind in _KEYS for rule in _rules_of(kind, document, lines, path)]
    return sorted(rules, key=lambda rule: rule.line)


def as_toml(rule: Rule) -> str:
    """The rule as it stands in the file."""
    lines = [
        f"[[{'deny' if rule.is_deny else 'allow'}]]",
        f"destination = {_quoted(rule.destination)}",
    ]
    ports = sorted(rule.ports)
    if ports:
        lines.append(f"port = {ports[0] if len(ports) == 1 else ports}")
    if rule.purpose:
        lines.append(f"purpose = {_quoted(rule.purpose)}")
    if not rule.is_deny:
        names = ", ".join(f'"{label}"' for label in sorted(rule.data))
        lines.append(f"data = [{names}]")
    if rule.together:
        lines.append("together = true")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    # A JSON string is a TOML string too.
    return json.dumps(text)


def checked(rule: Rule) -> Rule:
    """The same rule, if the file could hold it; raises `BadRule`."""
    kind = "deny" if rule.is_deny else "allow"
    (entry,) = tomllib.loads(as_toml(rule))[kind]
    try:
        return _rule_from(kind, entry, rule.line)
    except _Flaw as flaw:
        raise BadRule("this rule cannot be", why=flaw.why) from flaw


def _rules_of(kind: str, document: dict[str, Any], lines: list[str], path: Path) -> list[Rule]:
    headers = [n for n, line in enumerate(lines) if (h := _HEADER.match(line)) and h[1] == kind]
    entries = document.get(kind, [])
    if not isinstance(entries, list):
        raise _invalid(path, _line_of(kind, lines, 0), f"write [[{kind}]], with two brackets")
    rules: list[Rule] = []
    for index, entry in enumerate(cast("list[Any]", entries)):
        # Rules written as inline tables have no header of their own.
        start = headers[index] if index < len(headers) else 0
        try:
            rules.append(_rule_from(kind, entry, start + 1))
        except _Flaw as flaw:
            raise _invalid(path, _line_of(flaw.key, lines, start), flaw.why) from flaw
    return rules


def _rule_from(kind: str, entry: Any, line: int) -> Rule:
    if not isinstance(entry, dict):
        raise _Flaw(f"a rule of {kind} is a table")
    fields = cast("dict[str, Any]", entry)
    for key in fields:
        if key not in _KEYS[kind]:
            near = difflib.get_close_matches(key, _KEYS[kind], 1)
            guess = f"; did you mean {near[0]}?" if near else ""
            raise _Flaw(f"there is no key {key!r}{guess}", key)
    is_deny = kind == "deny"
    destination = _destination(fields)
    return Rule(
        destination=destination,
        ports=_ports(fields, is_optional=is_deny or destination == LOOPBACK),
        purpose=_purpose(fields, is_optional=is_deny),
        data=frozenset() if is_deny else _data(fields),
        together=_together(fields, destination),
        is_deny=is_deny,
        line=line,
    )


def _destination(fields: dict[str, Any]) -> str:
    value = fields.get("destination")
    if not isinstance(value, str):
        raise _Flaw('it needs a destination, as in destination = "api.example.com"', "destination")
    try:
        return normal_pattern(value)
    except BadDestination as error:
        raise _Flaw(f"{error.what}: {error.why}", "destination") from error


def _ports(fields: dict[str, Any], *, is_optional: bool) -> frozenset[int]:
    value = fields.get("port")
    if value is None and is_optional:
        return frozenset()
    ports = cast("list[Any]", value if isinstance(value, list) else [value])
    if not ports or not all(type(port) is int and 0 < port < 65536 for port in ports):
        raise _Flaw("it needs a port, as in port = 443 or port = [80, 443]", "port")
    return frozenset(ports)


def _purpose(fields: dict[str, Any], *, is_optional: bool) -> str:
    value = fields.get("purpose")
    if value is None and is_optional:
        return ""
    if not isinstance(value, str) or not _PURPOSE.fullmatch(value):
        raise _Flaw('it needs a purpose in one lower-case word, as in purpose = "model"', "purpose")
    return value


def _data(fields: dict[str, Any]) -> Labels:
    value = fields.get("data")
    if not isinstance(value, list):
        raise _Flaw('it needs the labels that may leave, as in data = ["mine"] or []', "data")
    known = {label.value: label for label in Label}
    for name in cast("list[Any]", value):
        if not isinstance(name, str) or name not in known:
            raise _Flaw(f"there is no label {name!r}; labels are {', '.join(known)}", "data")
    return frozenset(known[name] for name in cast("list[str]", value))


def _together(fields: dict[str, Any], destination: str) -> bool:
    value = fields.get("together", False)
    if not isinstance(value, bool):
        raise _Flaw("together is true or false", "together")
    if value and destination != LOOPBACK and not is_loopback(destination):
        why = "private and untrusted data leave this machine together only by approval each time"
        raise _Flaw(why, "together")
    return value


def _line_of(key: str, lines: list[str], start: int) -> int:
    """The line, counted from 1, that sets a key at or below `start`; else `start` itself."""
    wanted = re.compile(rf"[\s\[{{]*[\"']?{re.escape(key)}[\"']?\s*[\]=]") if key else None
    for number in range(start, len(lines)):
        if wanted and wanted.match(lines[number]):
            return number + 1
        if number > start and TABLE.match(lines[number]):
            break
    return start + 1


def _invalid(path: Path, line: int, why: str) -> RulesInvalid:
    return RulesInvalid(
        f"the rules for what may leave this machine are not readable: {path}:{line}",
        why=f"{why}; until it is mended nothing may leave",
        hint=f"${{EDITOR:-vi}} +{line} '{path}'",
        details={"file": str(path), "line": line},
    )
