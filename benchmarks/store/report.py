"""What the store's benchmarks share in printing: one small table, or the same as JSON."""

import json
import sys
from collections.abc import Mapping, Sequence


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which this share of them lies; 0 when there are none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


def latencies_ms(seconds: Sequence[float]) -> dict[str, float]:
    return {
        "p50 ms": round(percentile(seconds, 0.50) * 1e3, 1),
        "p99 ms": round(percentile(seconds, 0.99) * 1e3, 1),
        "max ms": round(max(seconds, default=0.0) * 1e3, 1),
    }


def show(title: str, rows: Sequence[Mapping[str, object]], *, as_json: bool) -> None:
    if as_json:
        json.dump({"title": title, "rows": list(rows)}, sys.stdout, indent=1)
        print()
        return
    columns = list(dict.fromkeys(name for row in rows for name in row))
    cells = [columns, *([str(row.get(name, "")) for name in columns] for row in rows)]
    widths = [max(len(line[index]) for line in cells) for index in range(len(columns))]
    print(title)
    for line in cells:
        print("  " + "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)))
