"""Any row that can be appended: it comes back as it was, or is kept aside; it never blocks."""

import json
import math
import tempfile
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quintet.platform.crypto import canonical_json
from quintet.platform.store.inbox import from_json, to_json
from support.stores import add, names, people

TEXT = st.text(alphabet=st.characters(exclude_categories=()), max_size=20)
ZONES = st.integers(-840, 840).map(lambda minutes: timezone(timedelta(minutes=minutes)))
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | TEXT
    | st.binary(max_size=20)
    | st.datetimes()
    | st.datetimes(timezones=ZONES)
    | st.dates()
    | st.decimals(allow_nan=False, allow_infinity=False)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=8,
)


def same(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return one == other or (math.isnan(one) and math.isnan(other))
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    return type(one) is type(other) and one == other


@given(VALUES)
def test_a_value_comes_back_from_json_as_it_was(value: Any) -> None:
    raw = canonical_json(to_json(value))
    assert same(from_json(json.loads(raw.decode("utf-8", "surrogatepass"))), value)


@pytest.mark.slow
@given(
    rows=st.lists(
        st.fixed_dictionaries({"id": TEXT}, optional={"name": VALUES, "age": VALUES}), max_size=6
    )
)
@settings(max_examples=25, deadline=None)
def test_every_appended_row_is_in_its_table_or_kept_aside(rows: list[dict[str, Any]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = people(Path(folder))
        for row in rows:
            store.append("person", row)
        present = names(store)
        with store.read() as connection:
            kept = connection.value("SELECT count(*) FROM quintet.rejected")
        assert len(present) + kept >= len({row["id"] for row in rows})
        assert store.file.inbox.size_bytes() == 0
        add(store, "afterwards")
        assert "afterwards" in names(store)


@given(value=st.dates() | st.decimals(allow_nan=False) | st.binary())
def test_what_json_does_not_know_is_tagged(value: date | Decimal | bytes) -> None:
    (tag,) = to_json(value)
    assert tag.startswith("$")
    assert not isinstance(value, datetime)
