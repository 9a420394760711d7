"""Starts the process of a local model, after a look at its file, with the best runtime there is."""

import importlib.util
import os
from dataclasses import dataclass
from pathlib import Path

from quintet.models.estimate import available_bytes, estimate, require_fit
from quintet.models.gguf import GgufHeader, open_header
from quintet.models.local_runtime import RUNTIMES, Pooling
from quintet.models.port import ModelUnavailable
from quintet.models.registry import Services
from quintet.models.settings import ModelSettings
from quintet.models.worker_process import WorkerProcess

# A model this small is done before a second thread has woken up.
ONE_THREAD_BELOW_BYTES = 50 << 20
MOST_THREADS = 4
LOAD_TIMEOUT_S = 300.0


@dataclass(frozen=True, slots=True)
class Room:
    """How much a local model gets: tokens of conversation, threads (0: by its size), time."""

    context_tokens: int = 4096
    threads: int = 0
    timeout_s: float = 600.0


def room_of(settings: ModelSettings) -> Room:
    return Room(settings.context_tokens, settings.threads, settings.timeout_s)


def file_of(text: str, services: Services) -> Path:
    """The file that is meant: a path, or the name of a model that was added."""
    if text.endswith(".gguf") or "/" in text:
        return Path(text).expanduser()
    return services.files.path_of(text)


def start_worker(name: str, path: Path, room: Room, *, embeds: bool = False) -> WorkerProcess:
    """A process with the model loaded, to chat or to embed with."""
    header = open_header(path)
    if header.is_embedder and not embeds:
        raise ModelUnavailable(
            f"{name} cannot chat", why="it is a model that turns texts into vectors"
        )
    tokens = tokens_within(header, room)
    require_fit(estimate(header, tokens), available_bytes(), name)
    failure = ModelUnavailable(
        "no runtime for local models is installed",
        why=f"neither {' nor '.join(RUNTIMES)} can be imported",
        hint="ai setup llm",
    )
    threads = room.threads or thread_count(header.file_size_bytes, _cores(), os.getloadavg()[0])
    for runtime in filter(importlib.util.find_spec, RUNTIMES):
        worker = None
        try:
            worker = WorkerProcess(runtime)
            worker.order(
                "load",
                path=str(path.absolute()),
                context_tokens=tokens,
                threads=threads,
                pooling=_pooling(header, embeds=embeds),
            )
            worker.expect("ready", LOAD_TIMEOUT_S)
        except BaseException as error:
            if worker is not None:
                worker.close()
            if not isinstance(error, ModelUnavailable):
                raise
            failure = error
        else:
            return worker
    raise failure


def tokens_within(header: GgufHeader, room: Room) -> int:
    """How many tokens the model reads at once: what it is given, within what it was trained for."""
    return min(room.context_tokens, header.context_length or room.context_tokens)


def _pooling(header: GgufHeader, *, embeds: bool) -> Pooling:
    if not embeds:
        return Pooling.NONE
    return Pooling.MODELS_OWN if header.is_embedder else Pooling.MEAN


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def thread_count(size_bytes: int, cores: int, load: float) -> int:
    """One thread for small models and on busy machines, where waiting for others costs more."""
    if size_bytes < ONE_THREAD_BELOW_BYTES or load > cores:
        return 1
    return max(1, min(cores, MOST_THREADS))
