"""Every case of a small world: no path by which untrusted and private data leave unapproved.

What is checked here is stated anew, without the code under test: who may speak to whom about what.
"""

from collections.abc import Iterator
from itertools import chain, combinations, product

import pytest

from quintet.platform.policy.label import Label, Labels
from quintet.platform.policy.rule import LOCAL_MODELS, Request, Rule, Verdict, decide

PORT = 443
LABELS: list[Labels] = [frozenset(c) for n in range(4) for c in combinations(Label, n)]
HOSTS = ["api.example.com", "sub.api.example.com", "10.1.2.3", "127.0.0.1", "localhost"]
PURPOSES = ["model", "sync"]
LOCAL_HOSTS = {"127.0.0.1", "localhost"}
COVERS = {
    "api.example.com": {"api.example.com"},
    "*.example.com": {"api.example.com", "sub.api.example.com"},
    "10.0.0.0/8": {"10.1.2.3"},
    "loopback": LOCAL_HOSTS,
}


def _rules() -> list[Rule]:
    ports = frozenset({PORT})
    allows = [
        Rule(place, ports, purpose, data)
        for place, purpose, data in product(COVERS, PURPOSES, LABELS)
    ]
    together = [
        Rule("loopback", ports, purpose, frozenset(Label), together=True) for purpose in PURPOSES
    ]
    denies = [Rule(place, purpose=p, is_deny=True) for place, p in product(COVERS, ["", "model"])]
    return [*allows, *together, *denies, LOCAL_MODELS]


def _rule_sets() -> Iterator[tuple[Rule, ...]]:
    """Every set of up to two rules, in both orders: a third can only repeat one of these cases."""
    rules = _rules()
    return chain([()], ((rule,) for rule in rules), product(rules, repeat=2))


def _speaks_of(rule: Rule, request: Request) -> bool:
    return request.host in COVERS[rule.destination] and rule.purpose in ("", request.purpose)


def _expected(request: Request, rules: tuple[Rule, ...]) -> Verdict:
    speaking = [rule for rule in rules if _speaks_of(rule, request)]
    if any(rule.is_deny for rule in speaking):
        return Verdict.DENIED
    allowing = [rule for rule in speaking if not request.labels - rule.data]
    if not allowing:
        return Verdict.DENIED
    if not {Label.PRIVATE, Label.UNTRUSTED} <= request.labels:
        return Verdict.ALLOWED
    stays_here = request.host in LOCAL_HOSTS
    if stays_here and any(rule.together for rule in allowing):
        return Verdict.ALLOWED
    return Verdict.NEEDS_APPROVAL


@pytest.mark.slow
@pytest.mark.demand("EGRESS-3")
def test_every_destination_purpose_label_set_and_pair_of_rules_decides_as_stated() -> None:
    requests = [
        Request(host, PORT, purpose, labels)
        for host, purpose, labels in product(HOSTS, PURPOSES, LABELS)
    ]
    cases = 0
    for rules in _rule_sets():
        for request in requests:
            assert decide(request, rules).verdict is _expected(request, rules), (request, rules)
            cases += 1
    assert cases == len(requests) * (1 + len(_rules()) + len(_rules()) ** 2)


@pytest.mark.demand("EGRESS-3")
def test_no_rule_alone_lets_private_and_untrusted_data_off_this_machine() -> None:
    for rule, host, purpose in product(_rules(), HOSTS, PURPOSES):
        request = Request(host, PORT, purpose, frozenset(Label))
        if decide(request, [rule]).verdict is Verdict.ALLOWED:
            assert host in LOCAL_HOSTS


def test_a_rule_for_both_together_that_reaches_further_is_still_not_believed() -> None:
    wide = Rule("*.example.com", frozenset({PORT}), "model", frozenset(Label), together=True)
    request = Request("api.example.com", PORT, "model", frozenset(Label))
    assert decide(request, [wide]).verdict is Verdict.NEEDS_APPROVAL
