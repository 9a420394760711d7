"""Rules for what may leave the machine, and the decision that follows from them alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from quintet.platform.policy.destination import LOOPBACK, is_loopback, matches
from quintet.platform.policy.label import Label, Labels, is_dangerous_outward

EVERY_LABEL = frozenset(Label)


class Verdict(StrEnum):
    """What becomes of an attempt."""

    ALLOWED = "allowed"
    DENIED = "denied"
    NEEDS_APPROVAL = "needs-approval"


@dataclass(frozen=True, slots=True)
class Request:
    """Somebody wants to send data with these labels to a host, for a purpose. `host` is normal."""

    host: str
    port: int
    purpose: str
    labels: Labels


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. Of an `[[allow]]` every field must fit; of a `[[deny]]` those that it names.

    `together` lets private and untrusted data go in one request; only loopback may have it.
    """

    destination: str
    ports: frozenset[int] = frozenset()
    purpose: str = ""
    data: Labels = frozenset()
    together: bool = False
    is_deny: bool = False
    line: int = 0

    @property
    def where(self) -> str:
        """For the record: which rule it was."""
        return f"egress.toml line {self.line}" if self.line else "built in"

    def reaches(self, request: Request) -> bool:
        """Whether the rule speaks of this destination, port and purpose."""
        return (
            matches(self.destination, request.host)
            and (not self.ports or request.port in self.ports)
            and (not self.purpose or self.purpose == request.purpose)
        )


# A model server on this machine is where `ai` itself thinks: refusing it would protect nothing and
# teach everybody to allow everything. Loopback for any other purpose may be a tunnel or a proxy,
# and has to be allowed like any other place. A `[[deny]]` for loopback takes this away again.
LOCAL_MODELS = Rule(LOOPBACK, purpose="model", data=EVERY_LABEL, together=True)


@dataclass(frozen=True, slots=True)
class Decision:
    """The verdict with the rule that gave it, None where it is for want of a rule."""

    verdict: Verdict
    rule: Rule | None
    why: str


def decide(request: Request, rules: Sequence[Rule]) -> Decision:
    """Denied unless allowed; a deny wins; untrusted and private together need a person's word."""
    reaching = [rule for rule in rules if rule.reaches(request)]
    for rule in reaching:
        if rule.is_deny:
            return Decision(Verdict.DENIED, rule, f"{rule.where} denies it")
    fitting = [rule for rule in reaching if request.labels <= rule.data]
    if not fitting:
        return Decision(Verdict.DENIED, None, _why_nothing_fits(request, rules, reaching))
    if not is_dangerous_outward(request.labels):
        return Decision(Verdict.ALLOWED, fitting[0], f"{fitting[0].where} allows it")
    for rule in fitting:
        if rule.together and is_loopback(request.host):
            return Decision(Verdict.ALLOWED, rule, f"{rule.where} allows it on this machine")
    why = "private data would leave together with words from outside that may have asked for it"
    return Decision(Verdict.NEEDS_APPROVAL, fitting[0], why)


def _why_nothing_fits(request: Request, rules: Sequence[Rule], reaching: Sequence[Rule]) -> str:
    if reaching:
        missing = ", ".join(sorted(request.labels - reaching[0].data))
        return f"{reaching[0].where} does not let {missing} data go there"
    for rule in rules:
        if not rule.is_deny and matches(rule.destination, request.host):
            if rule.ports and request.port not in rule.ports:
                return f"{rule.where} allows that host on another port"
            return f"{rule.where} allows that host for {rule.purpose!r} only"
    return "no rule allows that destination, and what is not allowed is denied"
