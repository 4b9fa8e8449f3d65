"""What promtool says of the rules, their cases and a live scrape; and whether the cases would notice a broken rule."""

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from tests.monitoring.conftest import Observed
from tests.monitoring.promql import rules
from tests.monitoring.serving import RULES

CASES = RULES.with_name("rules.test.yml")
COMPARISON = re.compile(r" (?:>=|<=|==|>|<) \S+")


def promtool(*words: str, folder: Path = RULES.parent, stdin: str | None = None) -> tuple[int, str]:
    """Exit status and what it prints."""
    found = shutil.which("promtool")
    if found is None:
        pytest.skip("promtool is not installed (Debian package: prometheus)")
    done = subprocess.run([found, *words], cwd=folder, input=stdin, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def cases() -> list[tuple[str, bool]]:
    """Of every question asked in the cases: the alert, and whether it must fire."""
    groups = yaml.safe_load(CASES.read_text())["tests"]
    return [(each["alertname"], bool(each["exp_alerts"])) for group in groups for each in group["alert_rule_test"]]


@pytest.mark.parametrize(
    "words",
    [
        ("check", "rules", "rules.yml"),
        ("check", "config", "prometheus.yml"),
        ("check", "config", "prometheus.compose.yml"),
        ("test", "rules", "rules.test.yml"),
    ],
    ids=" ".join,
)
def test_promtool_likes_the_files(words: tuple[str, ...]) -> None:
    """Rules, configurations, and every case."""
    status, said = promtool(*words)
    assert status == 0, said


@pytest.mark.parametrize("name", sorted(rules()))
def test_every_alert_has_cases_that_fire_and_cases_that_must_not(name: str) -> None:
    """Both, for each."""
    assert {fires for alert, fires in cases() if alert == name} == {True, False}


def without_comparison(expression: str, which: int) -> str:
    """The expression with one of its comparisons taken out; as it was where it has not so many."""
    spans = [found.span() for found in COMPARISON.finditer(expression)]
    start, end = spans[which] if which < len(spans) else (0, 0)
    return expression[:start] + expression[end:]


MISTAKES: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "is mute": lambda rule: {**rule, "expr": "vector(0) > 1"},
    "always fires": lambda rule: {**rule, "expr": without_comparison(rule["expr"], 0)},
    "fires for one of two reasons": lambda rule: {**rule, "expr": without_comparison(rule["expr"], 1)},
    "does not wait": lambda rule: {name: value for name, value in rule.items() if name != "for"},
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_the_cases_notice_a_broken_rule(mistake: str, tmp_path: Path) -> None:
    """The same mistake in every rule at once: a case of each rule that it changes fails."""
    document = yaml.safe_load(RULES.read_text())
    changed = set()
    for group in document["groups"]:
        made = [MISTAKES[mistake](rule) for rule in group["rules"]]
        changed |= {rule["alert"] for rule, new in zip(group["rules"], made, strict=True) if new != rule}
        group["rules"] = made
    assert changed
    (tmp_path / RULES.name).write_text(yaml.safe_dump(document))
    (tmp_path / CASES.name).write_text(CASES.read_text())
    status, said = promtool("test", "rules", CASES.name, folder=tmp_path)
    assert status == 1
    assert changed - set(re.findall(r"alertname: (\w+), time:", said)) == set()


def test_promtool_likes_the_scrape(observed: Observed) -> None:
    """But for the milliseconds in three names, which the design fixes."""
    scrape = httpx.get(f"{observed.server.url}/metrics", trust_env=False).text
    status, said = promtool("check", "metrics", stdin=scrape)
    assert status in (0, 3)
    fixed = re.compile(
        r"(bt_latency_ms|btcturk_ws_lag_ms|btcturk_clock_offset_ms) metric names should not contain abbrev"
    )
    assert [line for line in said.splitlines() if line and not fixed.match(line)] == []
