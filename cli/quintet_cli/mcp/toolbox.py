"""Every verb as a tool, in the order of the table of commands.

A tool is a run of `ai` itself in a process of its own. Nothing that a client sends is a yes: the
flag for that is never passed, and nobody can be asked.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from quintet.app.mcp_settings import McpSettings
from quintet.app.ourselves import BY_MODULE
from quintet.errors import QuintetError
from quintet.mcp.child import Limits, run_command
from quintet.mcp.tool import Answer, Arguments, Caller, Tool, failure
from quintet.platform.policy.label import Label
from quintet.platform.trace.conventions import execute_tool
from quintet.platform.trace.span import begin, for_child
from quintet_cli.console import ERROR_SHAPE
from quintet_cli.lazy import load
from quintet_cli.mcp.answering import APPROVAL, APPROVAL_SHAPE, answer_of
from quintet_cli.mcp.arguments import DRY_RUN, arguments_schema, words_for
from quintet_cli.mcp.reach import KEPT_BACK, OWN_WORDS, PLAN_ONLY
from quintet_cli.shape import result_schema
from quintet_cli.surface import described
from quintet_cli.tree import Path, walk
from quintet_cli.verb import Does, VerbCommand

EnvFor = Callable[[Caller], Mapping[str, str]]


def tools(settings: McpSettings, env_for: EnvFor) -> list[Tool]:
    """The tools; `env_for` gives a child its environment, by which the record names the caller."""
    limits = Limits(settings.call_timeout_s, settings.result_limit_bytes)
    return [_tool(path, limits, env_for) for path in walk() if " ".join(path) not in KEPT_BACK]


def tool_name(path: Path) -> str:
    """`life_brief` for `ai life brief`."""
    return "_".join(path).replace("-", "_")


def _tool(path: Path, limits: Limits, env_for: EnvFor) -> Tool:
    verb = load(path)
    assert isinstance(verb, VerbCommand)
    does = verb.nature.does
    told = described(path, verb)
    needs_word = "" if _runs(path, does) else "\n\nA person must approve: it only makes a plan."
    return Tool(
        name=tool_name(path),
        title=f"ai {told.name}",
        description=f"{told.summary}\n\n{told.body}{needs_word}".strip(),
        arguments=arguments_schema(verb, has_dry_run=does is not Does.READS),
        result=_results(verb),
        run=_Run(path, verb, limits, env_for).answer,
        is_reading=does is Does.READS,
        is_destructive=does is Does.DESTROYS,
    )


def _runs(path: Path, does: Does | None) -> bool:
    return does in (Does.READS, Does.CHANGES) and " ".join(path) not in PLAN_ONLY


def _results(verb: VerbCommand) -> dict[str, Any]:
    shapes = verb.nature.shapes() | {"error/1": ERROR_SHAPE}
    if verb.nature.does is not Does.READS:
        shapes[APPROVAL.removeprefix("ai.")] = APPROVAL_SHAPE
    return {
        "type": "object",
        "anyOf": [result_schema(name, shape) for name, shape in shapes.items()],
    }


@dataclass(frozen=True, slots=True)
class _Run:
    path: Path
    verb: VerbCommand
    limits: Limits
    env_for: EnvFor

    async def answer(self, arguments: Arguments, caller: Caller) -> Answer:
        with begin(execute_tool(tool_name(self.path))) as span:
            answer = await self._answered(arguments, caller)
            if answer.is_error:
                span.fail(str(answer.value.get("error", {}).get("code", "plan.needs_approval")))
            return answer

    async def _answered(self, arguments: Arguments, caller: Caller) -> Answer:
        try:
            words = self._words(arguments)
            ended = await run_command(words, for_child(self.env_for(caller)), self.limits)
        except QuintetError as error:
            return failure(error.kind, error.code, error.what, why=error.why, hint=error.hint)
        except OSError as error:
            why = error.strerror or str(error)
            return failure("failed", "mcp.not_started", "the verb cannot be started", why=why)
        is_plan_wanted = bool(arguments.get(DRY_RUN))
        return answer_of(ended, self._labels(), is_plan_wanted=is_plan_wanted)

    def _words(self, arguments: Arguments) -> Sequence[str]:
        is_dry = arguments.get(DRY_RUN) or not _runs(self.path, self.verb.nature.does)
        flags = ["--json", "--no-input", *(["--dry-run"] if is_dry else [])]
        own = {name: value for name, value in arguments.items() if name != DRY_RUN}
        return [*BY_MODULE, *self.path, *flags, *words_for(self.verb, own)]

    def _labels(self) -> frozenset[Label]:
        is_ours = " ".join(self.path) in OWN_WORDS
        return frozenset({Label.PRIVATE} if is_ours else {Label.PRIVATE, Label.UNTRUSTED})
