"""GGUF models run here by llama.cpp, in a process of their own."""

from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Any

from quintet.models.dig import dig, dig_count, dig_text
from quintet.models.grammar import compile_grammar
from quintet.models.local_start import Room, file_of, room_of, start_worker
from quintet.models.port import (
    Chunk,
    Finish,
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


def open_model(rest: str, services: Services) -> "LlamaCppModel":
    return LlamaCppModel(f"gguf:{rest}", file_of(rest, services), room_of(services.settings))


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
        worker = self._worker = self._worker or start_worker(self._name, self._path, self._room)
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
