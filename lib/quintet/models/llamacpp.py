"""GGUF models run here by llama.cpp, in a process of their own."""

import importlib.util
import os
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from quintet.models.dig import dig, dig_count, dig_text
from quintet.models.estimate import available_bytes, estimate, require_fit
from quintet.models.gguf import GgufHeader, open_header
from quintet.models.grammar import compile_grammar
from quintet.models.local_runtime import RUNTIMES
from quintet.models.port import (
    Chunk,
    Finish,
    ModelUnavailable,
    Reply,
    Request,
    Usage,
    check_request,
    whole,
)
from quintet.models.registry import Services
from quintet.models.stops import until_stop
from quintet.models.tool_talk import told, understood, union_schema
from quintet.models.worker_process import WorkerProcess

# A model this small is done before a second thread has woken up.
ONE_THREAD_BELOW_BYTES = 50 << 20
MOST_THREADS = 4
LOAD_TIMEOUT_S = 300.0


def open_model(rest: str, services: Services) -> "LlamaCppModel":
    is_path = rest.endswith(".gguf") or "/" in rest
    path = Path(rest).expanduser() if is_path else services.files.path_of(rest)
    settings = services.settings
    return LlamaCppModel(
        f"gguf:{rest}",
        path,
        Room(settings.context_tokens, settings.threads, settings.timeout_s),
    )


@dataclass(frozen=True, slots=True)
class Room:
    """How much a local model gets: tokens of conversation, threads (0: by its size), time."""

    context_tokens: int = 4096
    threads: int = 0
    timeout_s: float = 600.0


class LlamaCppModel:
    """Starts its process with the first call, and keeps it until `close`."""

    def __init__(self, name: str, path: Path, room: Room) -> None:
        self._name = name
        self._path = path
        self._room = room
        self._worker: WorkerProcess | None = None
        self._calls = 0

    @property
    def name(self) -> str:
        return self._name

    @property
    def worker_pid(self) -> int | None:
        """The process that holds the model, if it is loaded."""
        return self._worker.pid if self._worker else None

    def complete(self, request: Request) -> Reply:
        return whole(self.stream(request))

    def stream(self, request: Request) -> Generator[Chunk]:
        check_request(request)
        order = self._order(request)
        if self._worker and not self._worker.is_alive:
            # It died while nobody was asking it anything, so nobody has to hear of it.
            self.close()
        worker = self._worker = self._worker or self._started()
        pieces: list[str] = []
        try:
            worker.order("generate", **order)
            for answer in worker.answers(self._room.timeout_s):
                if answer["kind"] == "done":
                    yield from self._ended(request, "".join(pieces), answer)
                    return
                pieces.append(dig_text(answer, "text"))
                if not request.tools:
                    yield Chunk(pieces[-1])
        finally:
            if not worker.settle():
                self._worker = None

    def close(self) -> None:
        if self._worker is not None:
            self._worker.close()
            self._worker = None

    def _order(self, request: Request) -> dict[str, Any]:
        schema = union_schema(request.tools) if request.tools else request.schema
        wanted = {
            "max_tokens": request.max_tokens,
            "stop": request.stop,
            "grammar": "" if schema is None else compile_grammar(schema),
            "temperature": request.temperature,
            "seed": request.seed,
        }
        return {"turns": told(request.messages, request.tools), "wanted": wanted}

    def _ended(self, request: Request, text: str, end: Mapping[str, Any]) -> Generator[Chunk]:
        self._calls += 1
        text = until_stop(text, request.stop)
        said, calls = understood(text, f"call_{self._calls}") if request.tools else (text, ())
        if request.tools and said:
            yield Chunk(said)
        finish = Finish.STOP if dig(end, "is_complete") else Finish.LENGTH
        usage = Usage(
            prompt_tokens=dig_count(end, "prompt_tokens") or 0,
            completion_tokens=dig_count(end, "completion_tokens") or 0,
            cached_tokens=dig_count(end, "cached_tokens") or 0,
        )
        yield Chunk(
            reply=Reply(
                text=said,
                tool_calls=calls,
                usage=usage,
                finish=Finish.TOOLS if calls else finish,
                model=self._path.stem,
            )
        )

    def _started(self) -> WorkerProcess:
        header = open_header(self._path)
        room = min(self._room.context_tokens, header.context_length or self._room.context_tokens)
        self._require_usable(header, room)
        failure = ModelUnavailable(
            "no runtime for local models is installed",
            why=f"neither {' nor '.join(RUNTIMES)} can be imported",
            hint="ai setup llm",
        )
        for runtime in filter(importlib.util.find_spec, RUNTIMES):
            try:
                return self._loaded(runtime, header.file_size_bytes, room)
            except ModelUnavailable as error:
                failure = error
        raise failure

    def _loaded(self, runtime: str, size_bytes: int, context_tokens: int) -> WorkerProcess:
        worker = WorkerProcess(runtime)
        threads = self._room.threads or thread_count(size_bytes, _cores(), os.getloadavg()[0])
        path = str(self._path.absolute())
        try:
            worker.order("load", path=path, context_tokens=context_tokens, threads=threads)
            worker.expect("ready", LOAD_TIMEOUT_S)
        except BaseException:
            worker.close()
            raise
        return worker

    def _require_usable(self, header: GgufHeader, context_tokens: int) -> None:
        if header.is_embedder:
            raise ModelUnavailable(
                f"{self._name} cannot chat", why="it is a model that turns texts into vectors"
            )
        require_fit(estimate(header, context_tokens), available_bytes(), self._name)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def thread_count(size_bytes: int, cores: int, load: float) -> int:
    """One thread for small models and on busy machines, where waiting for others costs more."""
    if size_bytes < ONE_THREAD_BELOW_BYTES or load > cores:
        return 1
    return max(1, min(cores, MOST_THREADS))
