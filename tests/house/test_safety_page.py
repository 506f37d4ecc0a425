"""docs/safety.md says what the code does."""

from __future__ import annotations

from pathlib import Path

from pitrainer.core.policy import LATCHED, RULES, Rule

PAGE = Path(__file__).parents[2] / "docs" / "safety.md"


def line(rule: Rule) -> str:
    after = "at once" if rule.after_s == 0 else f"{rule.after_s:g} s"
    clears = "a person, at a standstill" if rule.clears_s == LATCHED else f"{rule.clears_s:g} s healthy"
    clears = "at once" if rule.clears_s == 0 else clears
    action = "EASE, fast" if rule.shed else rule.action.name
    return f"| `{rule.cause}` | {action} | {after} | {clears} | {rule.text} |"


def test_every_rule_stands_on_the_safety_page_as_it_is() -> None:
    page = PAGE.read_text(encoding="utf-8")
    missing = [line(rule) for rule in RULES if line(rule) not in page]
    assert not missing, "docs/safety.md lacks or contradicts:\n" + "\n".join(missing)


def test_the_safety_page_invents_no_rule() -> None:
    causes = {rule.cause for rule in RULES}
    section = PAGE.read_text(encoding="utf-8").split("## The rules")[1].split("## Numbers")[0]
    rows = [row for row in section.splitlines() if row.startswith("| `")]
    assert {row.split("`")[1] for row in rows} == causes
