"""What fits is decided by memory, what is advised by age and strength, and both say why."""

from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quintet.engines.edge.device import Device
from quintet.engines.edge.fit import Scales, Verdict, best, fit_file, gigabytes, rows
from quintet.engines.edge.shapes import QUANTISATIONS, Shape

GB = 10**9
LAPTOP = Device(
    name="laptop",
    cores=8,
    features=frozenset({"avx2", "avx_vnni"}),
    total_bytes=16 * GB,
    available_bytes=10 * GB,
    disk_free_bytes=100 * GB,
)
OLD = replace(LAPTOP, features=frozenset({"avx2"}), firmware_year=2016)


@dataclass(frozen=True, slots=True)
class Header:
    """A model file that says this of itself."""

    shape: Shape
    quantisation: str
    weights_bytes: int
    trained_tokens: int = 32_768


EIGHT = Shape("eight", 8_030_000_000, 32, 8, 128)


def scales(device: Device, *, bytes_per_s: float = 40e9, context_tokens: int = 4096) -> Scales:
    return Scales(device, bytes_per_s, context_tokens)


def advised(device: Device) -> dict[str, str]:
    return {
        row.shape.name: row.recommended.quantisation if row.recommended else "none"
        for row in rows(scales(device))
    }


@pytest.mark.demand("EDGE-1")
def test_a_newer_machine_is_advised_eight_bits_where_memory_allows() -> None:
    assert advised(LAPTOP) == {
        "0.5B": "Q8_0",
        "1B": "Q8_0",
        "3B": "Q8_0",
        "4B": "Q8_0",
        "8B": "Q6_K",
        "14B": "none",
        "32B": "none",
        "70B": "none",
    }


@pytest.mark.demand("EDGE-1")
@pytest.mark.parametrize(
    ("device", "because"),
    [
        (OLD, "it is from about 2016"),
        (replace(LAPTOP, cores=2), "it has 2 cores for this process"),
        (replace(LAPTOP, features=frozenset()), "no wide vector instructions"),
    ],
)
def test_an_old_or_weak_machine_is_advised_four_bits_and_told_why(
    device: Device, because: str
) -> None:
    assert set(advised(device).values()) == {"Q4_K_M", "none"}
    assert because in rows(scales(device))[0].why


@pytest.mark.demand("EDGE-1")
def test_memory_overrides_the_preference_and_says_so() -> None:
    row = next(row for row in rows(scales(LAPTOP)) if row.shape.name == "8B")
    assert row.why == "Q8_0 is too large for the memory that is free"


def test_what_is_impossible_says_how_much_it_would_need() -> None:
    row = rows(scales(LAPTOP))[-1]
    assert row.recommended is None
    assert row.why == "45.5 GB needed even at Q4_K_M"


def test_the_best_size_is_the_largest_that_fits_and_can_be_read_along_with() -> None:
    chosen = best(rows(scales(LAPTOP)))
    assert chosen is not None
    assert chosen.shape.name == "8B"
    slower = best(rows(scales(LAPTOP, bytes_per_s=16e9)))
    assert slower is not None
    assert slower.shape.name == "3B"


def test_a_machine_for_nothing_has_no_best_size() -> None:
    assert best(rows(scales(replace(LAPTOP, available_bytes=10_000_000)))) is None


def test_the_speed_is_bandwidth_over_weights() -> None:
    estimate = scales(LAPTOP, bytes_per_s=8e9).estimate(EIGHT, 4 * GB, "Q4_K_M")
    assert estimate.tokens_per_s_at_most == 2.0


def test_the_window_costs_what_its_keys_and_values_take() -> None:
    assert EIGHT.context_bytes(4096) == 4096 * 32 * 8 * 128 * 2 * 2


def test_a_file_that_fits_is_weighed_part_by_part() -> None:
    fit = fit_file(Header(EIGHT, "Q4_K_M", 4_900_000_000), scales(LAPTOP))
    assert fit.estimate.verdict is Verdict.FITS
    assert fit.why == (
        "4.9 GB weights + 537 MB for 4,096 tokens + 248 MB buffers, of 10.0 GB available"
    )


def test_a_file_that_is_too_large_names_the_quantisation_that_would_fit() -> None:
    fit = fit_file(Header(EIGHT, "F16", 16_100_000_000), scales(LAPTOP))
    assert fit.estimate.verdict is Verdict.NO
    assert fit.why.endswith("it would fit as Q6_K")


def test_a_window_that_is_too_wide_names_one_that_would_fit() -> None:
    fit = fit_file(Header(EIGHT, "Q4_K_M", 4_900_000_000), scales(LAPTOP, context_tokens=131_072))
    assert fit.estimate.verdict is Verdict.NO
    assert 0 < fit.longest_tokens <= 32_768
    assert f"a window of {fit.longest_tokens:,} tokens would fit" in fit.why


def test_a_window_is_never_advised_beyond_what_the_model_was_trained_for() -> None:
    fit = fit_file(Header(EIGHT, "Q4_K_M", 1_000_000_000, trained_tokens=2048), scales(LAPTOP))
    assert fit.longest_tokens == 2048


@given(st.integers(0, 200 * GB), st.integers(1, 64), st.integers(1, 262_144))
def test_more_bits_never_fit_where_fewer_do_not(available: int, cores: int, tokens: int) -> None:
    device = replace(LAPTOP, available_bytes=available, cores=cores)
    order = [Verdict.FITS, Verdict.TIGHT, Verdict.NO]
    for row in rows(scales(device, context_tokens=tokens)):
        verdicts = [order.index(estimate.verdict) for estimate in row.estimates]
        assert verdicts == sorted(verdicts)
        if row.recommended is not None:
            assert row.recommended.total_bytes <= available
            assert row.recommended.quantisation in {q.name for q in QUANTISATIONS}


def test_sizes_are_shown_in_the_units_in_which_memory_is_sold() -> None:
    assert gigabytes(999_000_000) == "999 MB"
    assert gigabytes(1_500_000_000) == "1.5 GB"
