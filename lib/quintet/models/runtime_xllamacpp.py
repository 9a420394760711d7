"""Runs a model by xllamacpp, the prebuilt llama.cpp."""

import importlib
import secrets
import tempfile
from collections.abc import Callable, Sequence
from importlib import metadata
from typing import Any

from quintet.models.dig import dig, dig_count, dig_list, dig_text
from quintet.models.local_runtime import Generated, Loading, Pooling, Wanted, as_counted
from quintet.models.port import ContextExceeded, ModelFailed

MODULE = "xllamacpp"


def version() -> str:
    return f"xllamacpp {metadata.version('xllamacpp')}"


def load(loading: Loading) -> "XllamacppRuntime":
    native: Any = importlib.import_module(MODULE)
    params = native.CommonParams()
    params.model.path = str(loading.path)
    params.n_ctx = loading.context_tokens
    params.n_parallel = 1
    params.cpuparams.n_threads = loading.threads
    params.cpuparams_batch.n_threads = loading.threads
    params.verbosity = -1
    # Templates are ours to render; its own engine would run the one in the file while loading.
    params.chat_template = "chatml"
    if loading.pooling:
        params.embedding = True
        # A text has to be read in one go.
        params.n_batch = params.n_ubatch = loading.context_tokens
    if loading.pooling is Pooling.MEAN:
        params.pooling_type = native.llama_pooling_type.LLAMA_POOLING_TYPE_MEAN
    # It insists on a listener. This one is a socket in a folder of ours alone, behind a key that
    # nobody is told, and its name is gone as soon as it listens; calls go in directly.
    params.api_keys = [secrets.token_hex(16)]
    with tempfile.TemporaryDirectory(prefix="ai-model-") as folder:
        params.hostnames = [f"{folder}/unused.sock"]
        try:
            return XllamacppRuntime(native.Server(params))
        except RuntimeError as error:
            raise ModelFailed("the model could not be loaded", why=str(error)) from error


class XllamacppRuntime:
    """Calls the completions entry point: its chat entry point breaks with schemas."""

    def __init__(self, server: Any) -> None:
        self._server = server

    def generate(self, wanted: Wanted, go_on: Callable[[str], bool]) -> Generated:
        last: dict[str, Any] = {}

        def receive(piece: dict[str, Any]) -> bool:
            if "error" in piece:
                last["error"] = piece["error"]
                return True
            last.update(piece)
            text = dig_text(piece, "choices", 0, "text")
            text = as_counted(text) if wanted.grammar else text
            # Its convention: true means stop.
            return bool(text) and not go_on(text)

        answer = self._server.handle_completions(_call(wanted), receive)
        failed = dig(answer, "error") or last.get("error")
        if failed:
            raise _failure(failed)
        usage = last.get("usage")
        return Generated(
            prompt_tokens=dig_count(usage, "prompt_tokens") or 0,
            completion_tokens=dig_count(usage, "completion_tokens") or 0,
            cached_tokens=dig_count(usage, "prompt_tokens_details", "cached_tokens") or 0,
            is_complete=dig_text(last, "choices", 0, "finish_reason") == "stop",
        )

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        answer = self._server.handle_embeddings({"input": list(texts)})
        if failed := dig(answer, "error"):
            raise _failure(failed)
        return [dig_list(row, "embedding") for row in dig_list(answer, "data")]


def _call(wanted: Wanted) -> dict[str, Any]:
    call: dict[str, Any] = {
        "prompt": wanted.prompt,
        "max_tokens": wanted.max_tokens,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    if wanted.stop:
        call["stop"] = list(wanted.stop)
    if wanted.grammar:
        call["grammar"] = wanted.grammar
    if wanted.temperature is not None:
        call["temperature"] = wanted.temperature
    if wanted.seed is not None:
        call["seed"] = wanted.seed
    return call


def _failure(error: Any) -> ModelFailed | ContextExceeded:
    why = dig_text(error, "message") or str(error)
    if dig_text(error, "type") == "exceed_context_size_error" or "too large to process" in why:
        return ContextExceeded("the text is too long for this model", why=why)
    return ModelFailed("the model could not answer", why=why)
