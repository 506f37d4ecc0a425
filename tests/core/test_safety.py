"""The gate: every rule has its case, and every promise beyond the rules its check."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from gate_checks import CHECKS
from gate_limits import CHECKS as LIMIT_CHECKS
from gate_rules import CASES, CLAIMS, Case
from healthy import REAL, Gate

from pitrainer.core.policy import LATCHED, RULES


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.__name__)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.cause)
def test_a_rule(case: Case, claim: Callable[[Gate, Case], None]) -> None:
    claim(REAL, case)


@pytest.mark.parametrize("check", (*CHECKS, *LIMIT_CHECKS), ids=lambda check: check.__name__)
def test_the_gate(check: Callable[[Gate], None]) -> None:
    check(REAL)


def test_every_rule_has_a_case_and_every_case_a_rule() -> None:
    assert {case.cause for case in CASES} == {rule.cause for rule in RULES}


def test_every_rule_has_words_for_a_person() -> None:
    assert all(rule.text.endswith(".") and len(rule.text) > 10 for rule in RULES)
    assert len({rule.cause for rule in RULES}) == len(RULES)


def test_what_stops_for_a_machine_that_lies_stays_till_somebody_has_looked() -> None:
    latched = {rule.cause for rule in RULES if rule.clears_s == LATCHED}
    assert latched == {case.cause for case in CASES if case.clears_s is None}
