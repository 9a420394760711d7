"""The process in which a native runtime lives: `python -m quintet.models.local_worker NAME`.

It reads one JSON object a line and answers with such lines. It ends with its parent, whose end it
notices by its input closing, even while a model is busy.
"""

import importlib
import json
import os
import queue
import resource
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from quintet.errors import QuintetError
from quintet.models.gguf import open_header
from quintet.models.gguf_tokens import read_signs
from quintet.models.local_runtime import RUNTIMES, Loading, LocalRuntime, Pooling, Wanted
from quintet.models.templates import ChatTemplate

Tell = Callable[..., None]


class Worker:
    """Does what the lines say, one after the other; a cancel overtakes what is being done."""

    def __init__(self, runtime: ModuleType, tell: Tell) -> None:
        self._runtime = runtime
        self._tell = tell
        self._orders: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._cancelled = threading.Event()

    def listen(self) -> None:
        """Read lines until there are no more, then end the process at once."""
        for line in os.fdopen(0, "rb"):
            order = json.loads(line)
            if order["do"] == "cancel":
                self._cancelled.set()
            else:
                self._orders.put(order)
        os._exit(0)

    def work(self) -> None:
        while True:
            order = self._orders.get()
            self._cancelled.clear()
            try:
                self._do(order)
            except QuintetError as error:
                self._tell("failed", code=error.code, what=error.what, why=error.why)
            except Exception as error:  # whatever a native library raises is told, not died of
                why = f"{type(error).__name__}: {error}"
                self._tell("failed", code="models.failed", what="the runtime failed", why=why)

    def _do(self, order: dict[str, Any]) -> None:
        match order["do"]:
            case "load":
                pooling = Pooling(order["pooling"])
                path = Path(order["path"])
                self._load(Loading(path, order["context_tokens"], order["threads"], pooling))
            case "embed":
                self._tell("vectors", rows=self._model.embed(order["texts"]))
            case _:
                self._generate(order["turns"], order["wanted"])

    def _load(self, loading: Loading) -> None:
        if not loading.pooling:
            header = open_header(loading.path)
            self._template = ChatTemplate(header.template, read_signs(loading.path))
        self._model: LocalRuntime = self._runtime.load(loading)
        self._tell("ready", runtime=self._runtime.version())

    def _generate(self, turns: list[dict[str, str]], wanted: dict[str, Any]) -> None:
        stop = tuple(wanted.pop("stop"))
        prompt = self._template.render(turns)

        def go_on(text: str) -> bool:
            self._tell("text", text=text)
            return not self._cancelled.is_set()

        made = self._model.generate(Wanted(prompt=prompt, stop=stop, **wanted), go_on)
        self._tell(
            "done",
            prompt_tokens=made.prompt_tokens,
            completion_tokens=made.completion_tokens,
            cached_tokens=made.cached_tokens,
            is_complete=made.is_complete,
        )


def main(name: str) -> None:
    # Native libraries print to standard output; the lines of ours go where they cannot reach.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    def tell(kind: str, **fields: Any) -> None:
        answers.write(json.dumps({"kind": kind, **fields}) + "\n")
        answers.flush()

    try:
        runtime = importlib.import_module(RUNTIMES[name])
        importlib.import_module(runtime.MODULE)
        importlib.import_module("jinja2")
    except (ImportError, OSError, RuntimeError) as error:
        tell("failed", code="models.unavailable", what=f"{name} cannot be used", why=str(error))
        return
    tell("imported", runtime=runtime.version())
    worker = Worker(runtime, tell)
    listener = threading.Thread(target=worker.listen, daemon=True)
    listener.start()
    worker.work()


if __name__ == "__main__":
    main(sys.argv[1])
