"""What models cost here: starting, embedding, reading headers, keeping to schemas, being apart.

    python benchmarks/models/run.py [start embed gguf schema worker] [--seeds 60] [--json]

Times are CPU seconds of the process that does the work, so that a busy machine changes little.
`schema` and `worker` need a local runtime (`ai setup llm`) and make their own random-weight model.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gguf

sys.path[:0] = [str(Path(__file__).parents[2] / name) for name in ("lib", "tests")]

from quintet.models.embed_static import StaticEmbedder
from quintet.models.estimate import estimate
from quintet.models.gguf import open_header
from quintet.models.llamacpp import LlamaCppModel
from quintet.models.local_start import Room
from quintet.models.port import Finish, Message, Request, Role
from quintet.models.strict_json import JsonInvalid, parse_json
from quintet.models.validation import problems
from support.tiny_gguf import make_tiny_gguf

RUNS = 7
SCRIPTED = """
from quintet.models.port import Message, Request, Role
from quintet.models.scripted import ScriptedModel
ScriptedModel(["hello"]).complete(Request((Message(Role.USER, "x"),)))
"""
SENTENCE = "Remind me to call mom tomorrow about the flight tickets and the hotel booking"
NOTE = {
    "type": "object",
    "properties": {
        "tool": {"enum": ["edge.chat", "life.note", "ops.status"]},
        "count": {"type": "integer", "minimum": 0, "maximum": 99},
        "name": {"type": "string", "maxLength": 12},
        "tags": {"type": "array", "items": {"type": "string", "maxLength": 5}, "maxItems": 3},
        "ok": {"type": "boolean"},
    },
    "required": ["tool", "count", "name", "tags", "ok"],
    "additionalProperties": False,
}


def cpu_of_child_s(code: str) -> float:
    """The least CPU time of some runs of a fresh Python."""
    costs: list[float] = []
    for _ in range(RUNS):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-c", code], check=True, env=child_environment())
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        costs.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(costs)


def child_environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "lib")}


def cpu_ms(action: Callable[[], object], times: int = RUNS) -> float:
    """The least CPU milliseconds of some runs in this process."""
    costs: list[float] = []
    for _ in range(times):
        began = time.process_time()
        action()
        costs.append(time.process_time() - began)
    return min(costs) * 1e3


def start(_options: argparse.Namespace) -> dict[str, Any]:
    bare, scripted = cpu_of_child_s("pass"), cpu_of_child_s(SCRIPTED)
    return {
        "bare_python_ms": round(bare * 1e3, 1),
        "scripted_call_ms": round(scripted * 1e3, 1),
        "ratio": round(scripted / bare, 2),
    }


def embed(_options: argparse.Namespace) -> dict[str, Any]:
    began = time.process_time()
    embedder = StaticEmbedder()
    embedder.embed(["warm"])
    load_s = time.process_time() - began
    many = [f"{SENTENCE} {number}" for number in range(20_000)]
    batch_ms = cpu_ms(lambda: embedder.embed(many), 3)
    return {
        "load_with_numpy_ms": round(load_s * 1e3, 1),
        "one_sentence_ms": round(cpu_ms(lambda: embedder.embed([SENTENCE]), 200), 4),
        "sentences_per_cpu_s": round(len(many) / batch_ms * 1e3),
        "peak_rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def gguf_headers(_options: argparse.Namespace) -> dict[str, Any]:
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        for words in (261, 32_000, 152_000):
            path = vocabulary_file(Path(folder) / f"{words}.gguf", words)
            ours = cpu_ms(lambda path=path: open_header(path))
            theirs = cpu_ms(lambda path=path: gguf.GGUFReader(path), 1 if words > 1000 else RUNS)
            found[f"{words}_words"] = {
                "ours_ms": round(ours, 2),
                "gguf_reader_ms": round(theirs, 1),
                "ratio": round(theirs / ours),
            }
    return found


def vocabulary_file(path: Path, words: int) -> Path:
    """A file with a vocabulary and merges as large ones have, and one small tensor."""
    import numpy as np

    writer = gguf.GGUFWriter(str(path), "llama")
    writer.add_context_length(4096)
    writer.add_tokenizer_model("gpt2")
    writer.add_token_list([f"token{number}" for number in range(words)])
    writer.add_token_types([1] * words)
    writer.add_token_merges([f"to ken{number}" for number in range(words)])
    writer.add_tensor("token_embd.weight", np.zeros((32, 32), np.float16))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def schema(options: argparse.Namespace) -> dict[str, Any]:
    """Random weights held by our grammar: how many answers are JSON, and how many fit as well."""
    with tempfile.TemporaryDirectory() as folder:
        model = tiny_model(Path(folder))
        json_count = fit_count = 0
        for seed in range(options.seeds):
            request = asked(f"make {seed}", schema=NOTE, max_tokens=800, seed=seed, temperature=1.0)
            reply = model.complete(request)
            try:
                value = parse_json(reply.text)
            except JsonInvalid:
                continue
            json_count += reply.finish is Finish.STOP
            fit_count += not problems(NOTE, value)
        model.close()
    return {"seeds": options.seeds, "are_json": json_count, "fit_the_schema": fit_count}


def worker(_options: argparse.Namespace) -> dict[str, Any]:
    """What it costs to have the runtime in a process of its own, and whether memory comes back."""
    with tempfile.TemporaryDirectory() as folder:
        model = tiny_model(Path(folder))
        began = time.perf_counter()
        model.complete(asked("hello", max_tokens=1))
        start_s = time.perf_counter() - began
        own_ms = cpu_ms(lambda: model.complete(asked("hello", max_tokens=200, temperature=0.0)), 20)
        pid = model.worker_pid
        rss_mb = rss_of(pid)
        model.close()
        larger = make_tiny_gguf(Path(folder) / "larger.gguf", width=1024, layers=16)
        model = LlamaCppModel("gguf:larger", larger, Room(2048))
        model.complete(asked("hello " * 60, max_tokens=8))
        larger_rss_mb = rss_of(model.worker_pid)
        model.close()
        predicted_mb = estimate(open_header(larger), 2048).total_bytes >> 20
    return {
        "predicted_mb_of_150m_parameters": predicted_mb,
        "measured_mb_of_150m_parameters": larger_rss_mb,
        "start_wall_s": round(start_s, 2),
        "parent_cpu_ms_per_200_tokens": round(own_ms, 2),
        "worker_rss_mb": rss_mb,
        "worker_rss_after_close_mb": rss_of(pid),
    }


def rss_of(pid: int | None) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) >> 10 for line in lines if line.startswith("VmRSS")), 0)


def tiny_model(folder: Path) -> LlamaCppModel:
    return LlamaCppModel("gguf:tiny", make_tiny_gguf(folder / "tiny.gguf"), Room(2048))


def asked(text: str, **more: Any) -> Request:
    return Request((Message(Role.USER, text),), **more)


PARTS = {"start": start, "embed": embed, "gguf": gguf_headers, "schema": schema, "worker": worker}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", default=list(PARTS), metavar="PART")
    parser.add_argument("--seeds", type=int, default=60)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    results = {part: PARTS[part](options) for part in options.parts}
    if options.json:
        print(json.dumps(results))
        return
    for part, figures in results.items():
        print(part)
        for name, figure in figures.items():
            print(f"  {name:32} {figure}")


if __name__ == "__main__":
    main()
