"""The files of the demonstration: notes, a faulty project, a clip, a calendar, an invoice."""

import json
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from quintet.platform.files import ensure_private_dir, write_atomic

_WIDTH, _HEIGHT, _FRAMES_PER_S = 64, 36, 10
_SCENES = ((2.0, 60, 90, 160), (1.5, 200, 120, 110), (2.5, 110, 170, 90))

_BASKET = '''"""Prices of a small shop, in cents."""


def subtotal(prices):
    total = 0
    for price in prices:
        total += price
    return total


def discounted(prices, percent):
    total = subtotal(prices)
    if total < 10_000:
        return total * (100 - percent) // 100
    return total
'''

_TESTS = """import unittest

from basket import discounted, subtotal


class BasketTest(unittest.TestCase):
    def test_a_subtotal_adds_the_prices(self):
        self.assertEqual(subtotal([1_000, 250]), 1_250)

    def test_an_empty_basket_costs_nothing(self):
        self.assertEqual(subtotal([]), 0)

    def test_a_large_basket_gets_the_discount(self):
        self.assertEqual(discounted([9_000, 3_000], 10), 10_800)

    def test_a_small_basket_pays_the_full_price(self):
        self.assertEqual(discounted([1_000], 10), 1_000)
"""

_NOTES = {
    "boiler.md": """# The boiler

It was serviced on 2 March by the installer, for 148 euros. The next service is due in two years.

## Pressure

Between 1.2 and 1.8 bar. Below that, open the filling tap until the needle stands at 1.5.
""",
    "bicycle.md": """# The bicycle

The tyres take 4 bar. The chain was replaced in June, after 3,100 km.
""",
}


@dataclass(frozen=True, slots=True)
class World:
    """Where the made files are."""

    notes: Path
    project: Path
    clip: Path
    calendar: Path
    event: Path


def make_world(root: Path, today: date) -> World:
    """Write the demonstration's files below `root`."""
    notes = ensure_private_dir(root / "notes")
    for name, text in _NOTES.items():
        write_atomic(notes / name, text.encode())
    project = ensure_private_dir(root / "shop")
    write_atomic(project / "basket.py", _BASKET.encode())
    write_atomic(project / "test_basket.py", _TESTS.encode())
    clip, calendar, event = root / "clip.y4m", root / "calendar.ics", root / "invoice.json"
    write_atomic(clip, _clip())
    write_atomic(calendar, _calendar(today).encode())
    write_atomic(event, json.dumps(_invoice(today), indent=2).encode())
    return World(notes, project, clip, calendar, event)


def _clip() -> bytes:
    """Three plain scenes of raw video, with a little movement so that frames differ."""
    parts = [f"YUV4MPEG2 W{_WIDTH} H{_HEIGHT} F{_FRAMES_PER_S}:1 Ip A1:1 C420jpeg\n".encode()]
    quarter = (_WIDTH // 2) * (_HEIGHT // 2)
    for duration_s, luma, blue, red in _SCENES:
        for number in range(round(duration_s * _FRAMES_PER_S)):
            row = bytes((luma + (column + number) % 8) for column in range(_WIDTH))
            chroma = bytes([blue]) * quarter + bytes([red]) * quarter
            parts.append(b"FRAME\n" + row * _HEIGHT + chroma)
    return b"".join(parts)


def _calendar(today: date) -> str:
    tomorrow = today + timedelta(days=1)
    appointments = (
        ("standup", today, "090000", "091500", "Stand-up"),
        ("dentist", today, "150000", "160000", "Dentist"),
        ("review", tomorrow, "100000", "113000", "Design review"),
        ("school", tomorrow, "110000", "120000", "School meeting"),
    )
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//quintet//demonstration//EN"]
    for uid, day, begin, end, title in appointments:
        lines += ["BEGIN:VEVENT", f"UID:{uid}@demo", f"DTSTAMP:{today:%Y%m%d}T000000Z"]
        lines += [f"DTSTART:{day:%Y%m%d}T{begin}", f"DTEND:{day:%Y%m%d}T{end}"]
        lines += [f"SUMMARY:{title}", "END:VEVENT"]
    return "\r\n".join([*lines, "END:VCALENDAR", ""])


def _invoice(today: date) -> dict[str, object]:
    return {
        "id": "invoice-1042",
        "type": "invoice.received",
        "vendor": "Northwind Paper",
        "number": "1042",
        "amount": 240.5,
        "date": today.isoformat(),
    }
