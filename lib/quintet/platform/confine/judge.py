"""Whether the probes prove the seal: each must fail inside, and enough of them work outside."""

from collections.abc import Sequence
from typing import Any

from quintet.errors import Kind, QuintetError
from quintet.platform.confine.certificate import Probe
from quintet.platform.confine.machine import CannotSeal

# The listener at which a probe must arrive outside, and whose call must be noticed inside.
_ARRIVES_AT = {
    "tcp": "tcp",
    "udp": "udp",
    "unix socket": "unix socket",
    "unix datagram": "unix datagram",
    "unix datagram from a pair": "unix datagram",
    "abstract unix socket": "abstract unix socket",
}
# What gets through here is told in the certificate instead: it opens no socket by itself.
_TOLD = frozenset({"memory of another process"})


class SealBroken(QuintetError):
    """A probe of ours got out, so nothing that runs in this seal would prove anything."""

    kind = Kind.INTEGRITY
    code = "confine.seal_broken"


def judged(
    outside: Sequence[dict[str, Any]],
    reached: set[str],
    inside: Sequence[dict[str, Any]],
    leaked: set[str],
) -> tuple[Probe, ...]:
    """The probes, both times; raises `SealBroken` if one got through."""
    without = {outcome["name"]: outcome["error"] for outcome in outside}
    probes: list[Probe] = []
    for outcome in inside:
        name, error = outcome["name"], outcome["error"]
        listener = _ARRIVES_AT.get(name)
        got_through = not error or listener in leaked
        probes.append(
            Probe(
                name=name,
                outside=_outside_words(without.get(name), listener is None or listener in reached),
                inside="got through" if got_through else f"refused ({error})",
                is_noticed=outcome["noticed"],
                is_refused=not got_through,
            )
        )
    _require_proof(probes, reached)
    return tuple(probes)


def _outside_words(error: str | None, arrived: bool) -> str:
    if error is None:
        return "not tried"
    if error or not arrived:
        return f"not possible either ({error or 'nothing arrived'})"
    return "reached"


def _require_proof(probes: list[Probe], reached: set[str]) -> None:
    broken = [probe.name for probe in probes if not probe.is_refused and probe.name not in _TOLD]
    if broken:
        raise SealBroken(
            "the seal does not hold on this machine; the command was not run",
            why=f"a probe got through by {', '.join(broken)}",
            hint="please report it, with the output of: uname -a",
        )
    unseen = [probe.name for probe in probes if probe.name in _ARRIVES_AT and not probe.is_noticed]
    if unseen:
        raise SealBroken(
            "what a command tries could not be counted; it was not run",
            why=f"a probe by {', '.join(unseen)} was refused without being noticed",
            hint="please report it, with the output of: uname -a",
        )
    if not reached:
        raise CannotSeal(
            "nothing could be proven; the command was not run",
            why="the probes reach our own listeners not even without the seal",
        )
