"""What a span costs: processor time of ours, written down, beside the SDK of OpenTelemetry.

Run: python benchmarks/trace/span_cost.py  (the SDK is compared with where it is installed)
"""

import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from quintet.platform.clock import SystemClock
from quintet.platform.rng import SystemRng
from quintet.platform.trace import conventions as words
from quintet.platform.trace.span import begin
from quintet.platform.trace.spool import Spool
from quintet.platform.trace.tracer import Tracer

COUNT, ROUNDS = 5_000, 7


def cost_us(work: Callable[[], None]) -> float:
    """The least of some rounds, for each span."""
    costs: list[float] = []
    for _ in range(ROUNDS):
        began_s = time.process_time()
        work()
        costs.append((time.process_time() - began_s) / COUNT * 1e6)
    return min(costs)


def ours(folder: Path) -> Callable[[], None]:
    """Spans of ours, nested in a command and appended to the spool."""
    spool = Spool(folder / "trace")
    tracer = Tracer(
        spool.write,
        clock=SystemClock(),
        rng=SystemRng(),
        parent=None,
        keeps_content=lambda _group: False,
    )

    def work() -> None:
        with tracer.root(words.command(("code", "fix"), (), "1", 1)).active():
            for _ in range(COUNT):
                with begin(words.store("ops", "read")) as span:
                    span.set(words.COUNT, 4)
        tracer.tell()

    return work


def theirs(folder: Path) -> Callable[[], None]:
    """Spans of the SDK, batched and written as JSON lines to a file."""
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter

    out = (folder / "spans.jsonl").open("w")
    provider = TracerProvider()
    exporter = ConsoleSpanExporter(out=out, formatter=lambda span: span.to_json(None) + "\n")
    provider.add_span_processor(BatchSpanProcessor(exporter, max_queue_size=COUNT * 2))
    tracer = provider.get_tracer("ai")

    def work() -> None:
        attributes = {words.DB_SYSTEM: "duckdb", words.DB_NAME: "ops", words.DB_OPERATION: "read"}
        with tracer.start_as_current_span("ai code fix"):
            for _ in range(COUNT):
                with tracer.start_as_current_span("read ops", attributes=attributes) as span:
                    span.set_attribute(words.COUNT, 4)
        provider.force_flush()

    return work


def nothing() -> None:
    """Where nobody traces."""
    for _ in range(COUNT):
        with begin(words.store("ops", "read")) as span:
            span.set(words.COUNT, 4)


def main() -> None:
    """Print one line for each."""
    with TemporaryDirectory() as name:
        own = cost_us(ours(Path(name)))
        print(f"ours, written down   {own:6.1f} µs a span")
        print(f"ours, not traced     {cost_us(nothing):6.1f} µs a span")
        if find_spec("opentelemetry") and find_spec("opentelemetry.sdk"):
            sdk = cost_us(theirs(Path(name)))
            print(f"SDK {version('opentelemetry-sdk')}, written  {sdk:6.1f} µs a span")
            print(f"ours / SDK           {own / sdk:6.2f}")
        else:
            print("the SDK is not installed: pip install opentelemetry-sdk", file=sys.stderr)


if __name__ == "__main__":
    main()
