"""A seal that lets one probe through, or does not notice it, proves nothing and runs nothing."""

from typing import Any

import pytest

from quintet.errors import Kind
from quintet.platform.confine.judge import SealBroken, judged
from quintet.platform.confine.machine import CannotSeal

WAYS = {"tcp": "tcp", "udp": "udp", "unix datagram from a pair": "unix datagram"}


def tried(*, noticed: bool = True, **errors: str) -> list[dict[str, Any]]:
    names = {name: errors.get(name.partition(" ")[0], "refused") for name in (*WAYS, "io_uring")}
    return [{"name": name, "error": error, "noticed": noticed} for name, error in names.items()]


OUTSIDE = [{"name": name, "error": ""} for name in WAYS]
REACHED = set(WAYS.values())


def test_probes_that_arrive_outside_and_fail_inside_prove_the_seal() -> None:
    probes = judged(OUTSIDE, REACHED, tried(), set())
    assert [probe.outside for probe in probes] == ["reached", "reached", "reached", "not tried"]
    assert all(probe.is_refused and probe.inside == "refused (refused)" for probe in probes)


@pytest.mark.demand("OFFLINE-2")
def test_a_probe_that_succeeds_inside_breaks_the_seal() -> None:
    with pytest.raises(SealBroken, match="does not hold") as caught:
        judged(OUTSIDE, REACHED, tried(udp=""), set())
    assert caught.value.kind is Kind.INTEGRITY
    assert "udp" in caught.value.why


@pytest.mark.demand("OFFLINE-2")
def test_a_probe_that_arrives_although_it_failed_breaks_the_seal() -> None:
    with pytest.raises(SealBroken, match="does not hold"):
        judged(OUTSIDE, REACHED, tried(), {"unix datagram"})


@pytest.mark.demand("OFFLINE-2")
def test_a_probe_that_nobody_noticed_would_make_the_count_a_lie() -> None:
    with pytest.raises(SealBroken, match="could not be counted"):
        judged(OUTSIDE, REACHED, tried(noticed=False), set())


@pytest.mark.demand("OFFLINE-2")
def test_without_a_control_that_arrives_nothing_is_proven() -> None:
    unreachable = [{"name": name, "error": "Network is unreachable"} for name in WAYS]
    with pytest.raises(CannotSeal, match="nothing could be proven") as caught:
        judged(unreachable, set(), tried(), set())
    assert caught.value.kind is Kind.UNAVAILABLE


def test_a_control_that_fails_for_one_way_is_said_for_that_way() -> None:
    outside = [{"name": "tcp", "error": "no loopback"}, {"name": "udp", "error": ""}]
    probes = judged(outside, {"unix socket"}, tried(), set())
    assert probes[0].outside == "not possible either (no loopback)"
    assert probes[1].outside == "not possible either (nothing arrived)"
