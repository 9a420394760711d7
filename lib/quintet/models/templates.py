"""Turns a conversation into the one text that a local model continues.

The template comes with the model file, from a stranger, so it is run in Jinja's sandbox and only
within the worker process. The signs that separate turns are taken out of the messages themselves:
a document that says `<|im_end|>` must not be able to end its turn and speak as somebody else.
"""

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from quintet.models.gguf_tokens import Signs
from quintet.models.port import ModelFailed

Turn = dict[str, str]
CHATML = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}"
    "<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


class ChatTemplate:
    """A model's template, with its signs."""

    def __init__(self, template: str, signs: Signs) -> None:
        from jinja2 import TemplateError

        self._signs = signs
        self._pattern = _pattern_of(signs.control)
        try:
            self._template = _sandbox().from_string(template or CHATML)
        except TemplateError as error:
            raise ModelFailed("the model's chat template is broken", why=str(error)) from error

    def render(self, turns: Sequence[Turn]) -> str:
        """The prompt, up to where the model goes on; without what the tokenizer adds by itself."""
        harmless = [{**turn, "content": self._defused(turn["content"])} for turn in turns]
        try:
            prompt = self._rendered(harmless)
        except Exception:  # a foreign template may fail in any way
            # Many templates take no system turn, or only user and assistant in strict turns.
            prompt = self._rendered_or_told(folded(harmless))
        return prompt.removeprefix(self._signs.bos) if self._signs.adds_bos else prompt

    def _rendered_or_told(self, turns: Sequence[Turn]) -> str:
        try:
            return self._rendered(turns)
        except Exception as error:
            raise ModelFailed(
                "the model's chat template does not take this conversation",
                why=str(error) or type(error).__name__,
            ) from error

    def _rendered(self, turns: Sequence[Turn]) -> str:
        return self._template.render(
            messages=turns,
            add_generation_prompt=True,
            bos_token=self._signs.bos,
            eos_token=self._signs.eos,
            raise_exception=_raise_told,
            strftime_now=_now,
            tools=None,
        )

    def _defused(self, text: str) -> str:
        if self._pattern is None:
            return text
        return self._pattern.sub(lambda found: f"{found[0][0]} {found[0][1:]}", text)


def folded(turns: Sequence[Turn]) -> list[Turn]:
    """The same conversation with system turns told by the user, and no two turns of one side."""
    found: list[Turn] = []
    for turn in turns:
        role = "user" if turn["role"] == "system" else turn["role"]
        if found and found[-1]["role"] == role:
            joined = f"{found[-1]['content']}\n\n{turn['content']}"
            found[-1] = {"role": role, "content": joined}
        else:
            found.append({"role": role, "content": turn["content"]})
    return found


def _pattern_of(signs: Sequence[str]) -> re.Pattern[str] | None:
    # A sign of one character is an ordinary letter too; taking those out would spoil texts.
    long = sorted((sign for sign in signs if len(sign) > 1), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, long))) if long else None


def _sandbox() -> Any:
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    sandbox = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"]
    )
    sandbox.filters["tojson"] = _to_json
    return sandbox


def _to_json(value: Any, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent)


def _now(form: str) -> str:
    return datetime.now(UTC).strftime(form)


def _raise_told(message: str) -> None:
    raise ValueError(message)
