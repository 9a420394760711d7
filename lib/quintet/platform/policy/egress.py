"""Nothing leaves the machine unless a rule lets it, for that purpose and with that data.

The decision falls before any name is looked up, and every attempt is written down before anything
is sent. When it cannot be written down, nothing is sent.
"""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from quintet.errors import Kind, QuintetError
from quintet.platform.clock import Clock
from quintet.platform.policy.attempt import Attempt, AttemptLog
from quintet.platform.policy.destination import BadDestination, normal_host
from quintet.platform.policy.gate import Approval
from quintet.platform.policy.label import Labels
from quintet.platform.policy.plain import plain_text
from quintet.platform.policy.plan import Risk
from quintet.platform.policy.rule import Decision, Request, Rule, Verdict, decide
from quintet.platform.record.event import Effect, Reversal

EFFECT_KIND = "egress"
_SHOWN_CHARS = 200


class EgressRefused(QuintetError):
    """No rule lets this leave."""

    kind = Kind.REFUSED
    code = "egress.denied"


class EgressNeedsApproval(EgressRefused):
    """The rules would let it leave, but only a person may let these labels go together."""

    kind = Kind.NEEDS_APPROVAL
    code = "egress.needs_approval"


class RuleSource(Protocol):
    """Gives the rules that hold now; raises if they cannot be read, so that nothing passes."""

    def rules(self) -> Sequence[Rule]: ...


class EffectRedeemer(Protocol):
    """Uses an approval up for one effect, or raises."""

    def redeem_effect(self, approval: Approval, effect: Effect) -> None: ...


@dataclass(frozen=True, slots=True)
class Consent:
    """An approval that covers sending one payload, named by its SHA-256."""

    approval: Approval
    payload_sha256: str


@dataclass(frozen=True, slots=True)
class Egress:
    """The way out. Everything that opens a connection asks here first."""

    source: RuleSource
    log: AttemptLog
    clock: Clock
    approvals: EffectRedeemer | None = field(default=None)

    def require(
        self,
        destination: str,
        port: int,
        *,
        purpose: str,
        labels: Labels,
        consent: Consent | None = None,
    ) -> None:
        """Return if this may leave now; raise `EgressRefused` otherwise. Recorded either way."""
        try:
            request = Request(normal_host(destination), port, purpose, labels)
        except BadDestination as error:
            request = Request(plain_text(destination)[:_SHOWN_CHARS], port, purpose, labels)
            self._record(request, Decision(Verdict.DENIED, None, error.why))
            raise EgressRefused(f"nothing was sent: {error.what}", why=error.why) from error
        decision = decide(request, self.source.rules())
        if decision.verdict is Verdict.NEEDS_APPROVAL and consent is not None:
            decision = self._with_consent(request, decision, consent)
        else:
            self._record(request, decision)
        if decision.verdict is not Verdict.ALLOWED:
            raise _refusal(request, decision)

    def explain(self, destination: str, port: int, *, purpose: str, labels: Labels) -> Decision:
        """What `require` would decide, without an attempt being made."""
        request = Request(normal_host(destination), port, purpose, labels)
        return decide(request, self.source.rules())

    def _with_consent(self, request: Request, decision: Decision, consent: Consent) -> Decision:
        """The decision once a person's word counts, recorded; the word is used up by it."""
        approval = consent.approval
        # Milder plans can be approved by `--yes` or by nobody, which is no word of a person's.
        if self.approvals is None or approval.plan.risk is not Risk.SEVERE:
            self._record(request, decision)
            return decision
        try:
            self.approvals.redeem_effect(approval, sending(request, consent.payload_sha256))
        except QuintetError:
            self._record(request, decision)
            raise
        decision = replace(decision, verdict=Verdict.ALLOWED, why=approval.words)
        self._record(request, decision, approval.plan.id)
        return decision

    def _record(self, request: Request, decision: Decision, approval: str = "") -> None:
        self.log.append(
            Attempt(
                at=self.clock.now().isoformat(timespec="milliseconds"),
                destination=request.host,
                port=request.port,
                purpose=request.purpose,
                labels=tuple(sorted(request.labels)),
                verdict=decision.verdict,
                rule=decision.rule.where if decision.rule else "",
                approval=approval,
            )
        )


def sending(request: Request, payload_sha256: str, preview: str = "") -> Effect:
    """The effect that a plan must hold for a request that needs approval; `preview` is shown."""
    return Effect(
        kind=EFFECT_KIND,
        target=f"{request.host}:{request.port}",
        after={
            "purpose": request.purpose,
            "labels": sorted(request.labels),
            "payload_sha256": payload_sha256,
        },
        reversal=Reversal.IRREVERSIBLE,
        note=preview,
    )


def allow_command(request: Request) -> str:
    """The command that would allow this request and no more."""
    words = ["ai", "policy", "allow", request.host]
    words += ["--port", str(request.port), "--purpose", request.purpose]
    if request.labels:
        words += ["--data", ",".join(sorted(request.labels))]
    return shlex.join(words)


def _refusal(request: Request, decision: Decision) -> EgressRefused:
    details: dict[str, object] = {
        "destination": request.host,
        "port": request.port,
        "purpose": request.purpose,
        "labels": sorted(request.labels),
    }
    what = f"nothing was sent to {request.host}:{request.port} (for {request.purpose})"
    if decision.verdict is Verdict.NEEDS_APPROVAL:
        hint = "run it on a terminal, where the message can be shown to you and approved"
        return EgressNeedsApproval(what, why=decision.why, hint=hint, details=details)
    denied_by_rule = decision.rule is not None
    hint = "ai policy list" if denied_by_rule else allow_command(request)
    return EgressRefused(what, why=decision.why, hint=hint, details=details)
