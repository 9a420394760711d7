"""The rules on disk: `egress.toml` in the user's own configuration folder, and nowhere else.

A project cannot bring rules of its own. A file that cannot be trusted or understood lets nothing
out, and is named with the line that is wrong.
"""

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from quintet.errors import QuintetError
from quintet.platform.files import explained, read_bytes
from quintet.platform.policy.plain import plain_text
from quintet.platform.policy.rule import LOCAL_MODELS, Rule
from quintet.platform.policy.rulefile import TABLE, as_toml, checked, parse

_LIMIT_BYTES = 1 << 20


class RulesUnsafe(QuintetError):
    """Somebody else could have written the rules."""

    code = "egress.rules_unsafe"


class RuleEntangled(QuintetError):
    """A rule whose text cannot be taken out without touching another."""

    code = "egress.rule_entangled"


@dataclass(slots=True)
class Rulebook:
    """The rules as they are now; read again when the file changes, so that servers need no signal.

    Without a file the rules are the built-in one alone.
    """

    path: Path
    _seen: tuple[int, ...] = field(default=(), init=False)
    _rules: tuple[Rule, ...] = field(default=(), init=False)

    def rules(self) -> Sequence[Rule]:
        """The user's rules in their order, then the built-in one."""
        with explained("read", self.path):
            try:
                status = self.path.stat()
            except FileNotFoundError:
                return (LOCAL_MODELS,)
        _require_own(self.path, status)
        seen = (status.st_mtime_ns, status.st_size, status.st_ino)
        if seen != self._seen:
            self._rules = (*parse(read_bytes(self.path, _LIMIT_BYTES), self.path), LOCAL_MODELS)
            self._seen = seen
        return self._rules

    def adding(self, rule: Rule, note: str = "") -> bytes:
        """The file with one more rule; everything that is in it stays as it was written."""
        comment = "".join(f"# {line}\n" for line in plain_text(note, multiline=True).splitlines())
        block = comment + as_toml(checked(rule))
        text = self._text()
        return self._checked(f"{text.rstrip()}\n\n{block}" if text.strip() else block)

    def removing(self, line: int) -> bytes:
        """The file without the rule whose header stands on this line of it."""
        text = self._text()
        lines = text.splitlines(keepends=True)
        end = next((n for n in range(line, len(lines)) if TABLE.match(lines[n])), len(lines))
        # A comment right above the next header belongs to it.
        while line < end < len(lines) and lines[end - 1].lstrip().startswith("#"):
            end -= 1
        left = "".join(lines[: line - 1] + lines[end:])
        rules = parse(text.encode(), self.path)
        wanted = [rule for rule in rules if rule.line != line]
        is_alone = len(rules) - len(wanted) == 1
        if not is_alone or _unplaced(parse(left.encode(), self.path)) != _unplaced(wanted):
            raise RuleEntangled(
                f"the rule on line {line} could not be taken out alone",
                why="the file is written in an unusual way",
                hint=f"${{EDITOR:-vi}} +{line} '{self.path}'",
            )
        return self._checked(left)

    def _text(self) -> str:
        if not self.path.exists():
            return ""
        data = read_bytes(self.path, _LIMIT_BYTES)
        parse(data, self.path)
        return data.decode()

    def _checked(self, text: str) -> bytes:
        data = text.encode()
        parse(data, self.path)
        return data


def _unplaced(rules: Sequence[Rule]) -> list[Rule]:
    return [replace(rule, line=0) for rule in rules]


def _require_own(path: Path, status: os.stat_result) -> None:
    is_foreign = status.st_uid not in (os.geteuid(), 0)
    if is_foreign or status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        who = "belongs to another user" if is_foreign else "can be written by other users"
        raise RulesUnsafe(
            f"the rules for what may leave this machine are not safe: {path}",
            why=f"the file {who}; until that is mended nothing may leave",
            hint=f"ls -l '{path}' && chmod 600 '{path}'",
        )
