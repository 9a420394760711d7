"""Runs a model by llama-cpp-python, which was compiled for this machine.

With a loop of our own: its `create_completion` takes longer for each token of a long answer, and
runs past its limit when a model stumbles over half a character.
"""

import codecs
import importlib
from collections.abc import Callable, Iterator, Sequence
from importlib import metadata
from typing import Any

from quintet.models.local_runtime import Generated, Loading, Pooling, Wanted, as_counted
from quintet.models.port import ContextExceeded, ModelFailed
from quintet.models.stops import StopScanner

MODULE = "llama_cpp"


def version() -> str:
    return f"llama-cpp-python {metadata.version('llama-cpp-python')}"


def load(loading: Loading) -> "LlamaCppRuntime":
    native: Any = importlib.import_module(MODULE)
    try:
        model = native.Llama(
            str(loading.path),
            n_ctx=loading.context_tokens,
            n_threads=loading.threads,
            n_threads_batch=loading.threads,
            **_embedding_options(native, loading),
            verbose=False,
        )
    except (ValueError, OSError) as error:
        raise ModelFailed("the model could not be loaded", why=str(error)) from error
    return LlamaCppRuntime(native, model)


def _embedding_options(native: Any, loading: Loading) -> dict[str, Any]:
    if not loading.pooling:
        return {}
    # A text has to be read in one go.
    options: dict[str, Any] = {"embedding": True, "n_ubatch": loading.context_tokens}
    options["n_batch"] = loading.context_tokens
    if loading.pooling is Pooling.MEAN:
        options["pooling_type"] = native.LLAMA_POOLING_TYPE_MEAN
    return options


class LlamaCppRuntime:
    """One sequence at a time; the prefix that two prompts share is kept."""

    def __init__(self, native: Any, model: Any) -> None:
        self._native = native
        self._model = model
        self._vocabulary = native.llama_model_get_vocab(model.model)

    def generate(self, wanted: Wanted, go_on: Callable[[str], bool]) -> Generated:
        prompt: list[int] = self._model.tokenize(wanted.prompt.encode(), True, True)
        room = self._model.n_ctx() - len(prompt)
        if room < 1:
            raise ContextExceeded(
                "the text is too long for this model",
                why=f"it has {len(prompt):,} tokens; there is room for {self._model.n_ctx():,}",
            )
        limit = min(wanted.max_tokens, room)
        writing = _Writing(wanted, go_on)
        produced = 0
        is_complete = False
        for token in self._tokens(prompt, wanted):
            if self._is_end(token):
                is_complete = True
                break
            produced += 1
            if not writing.add(self._piece(token)):
                is_complete = writing.is_stopped
                break
            if produced >= limit:
                break
        writing.finish()
        return Generated(len(prompt), produced, 0, is_complete)

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        try:
            # Left to itself it would cut a long text off and say nothing.
            return [self._model.embed(text, truncate=False) for text in texts]
        except ValueError as error:
            raise ContextExceeded("the text is too long for this model", why=str(error)) from error

    def _tokens(self, prompt: list[int], wanted: Wanted) -> Iterator[int]:
        options: dict[str, Any] = {}
        if wanted.temperature is not None:
            options["temp"] = wanted.temperature
        if wanted.grammar:
            try:
                grammar = self._native.LlamaGrammar.from_string(wanted.grammar, verbose=False)
            except ValueError as error:
                raise ModelFailed("the grammar was not taken", why=str(error)) from error
            options["grammar"] = grammar
        if wanted.seed is not None:
            self._model.set_seed(wanted.seed)
        return self._model.generate(prompt, **options)

    def _is_end(self, token: int) -> bool:
        return bool(self._native.llama_vocab_is_eog(self._vocabulary, token))

    def _piece(self, token: int) -> bytes:
        return self._model.detokenize([token], special=False)


class _Writing:
    """Bytes of tokens become text: whole characters only, and nothing of a stop string."""

    def __init__(self, wanted: Wanted, go_on: Callable[[str], bool]) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._scanner = StopScanner(wanted.stop)
        self._is_held = bool(wanted.grammar)
        self._marks = ""
        self._go_on = go_on

    @property
    def is_stopped(self) -> bool:
        return self._scanner.is_stopped

    def add(self, data: bytes) -> bool:
        """Whether to go on."""
        text = self._scanner.feed(self._characters(self._decoder.decode(data)))
        wanted = self._go_on(text) if text else True
        return wanted and not self._scanner.is_stopped

    def _characters(self, text: str) -> str:
        """Marks of bytes that are no character wait until it is clear how many there are."""
        if not self._is_held:
            return text
        text = self._marks + text
        plain = text.rstrip("\ufffd")
        self._marks = text[len(plain) :]
        return as_counted(plain)

    def finish(self) -> None:
        last = self._characters(self._decoder.decode(b"", final=True)) + as_counted(self._marks)
        rest = self._scanner.feed(last) + self._scanner.rest()
        if rest:
            self._go_on(rest)
