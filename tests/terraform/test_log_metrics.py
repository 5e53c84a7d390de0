"""Every counted line is one that the code writes: a metric that counts nothing alerts nobody."""

import ast
import re

import pytest

from infra.logs import ERRORS, severity_of
from tests.terraform.tables import ROOT, Tables, sources


def outcomes_of(flow: str | None) -> set[str]:
    """What may be an outcome in the modules that log this flow, or in all modules: what is returned or named as one."""
    said = re.compile(rf"""(\bevent\(|answer_job\(request,)\s*"{flow}",""" if flow else "outcome")
    return {
        str(word.value)
        for folder in ("functions", "shared")
        for file in (ROOT / folder).rglob("*.py")
        if said.search(text := file.read_text("utf-8"))
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Return) or (isinstance(node, ast.keyword) and node.arg == "outcome") or is_event(node)
        for word in ast.walk(node)
        if isinstance(word, ast.Constant) and isinstance(word.value, str)
    }


def is_event(node: ast.AST) -> bool:
    """A call that writes a line."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "event"


@pytest.mark.parametrize("metric", ["needs_reconnect", "needs_review", "renewals_failed", "deliveries_failed"])
def test_what_a_metric_counts_is_written(tables: Tables, metric: str) -> None:
    counted = tables.log_metrics[metric]

    assert counted.outcomes - outcomes_of(counted.flow) == set()


def test_every_metric_but_the_one_of_all_errors_names_its_outcomes(tables: Tables) -> None:
    assert {name for name, each in tables.log_metrics.items() if not each.outcomes} == {"errors"}


def test_errors_are_counted_by_the_severity_that_the_log_gives_them() -> None:
    assert {severity_of(outcome) for outcome in ERRORS} == {"ERROR"}
    assert "severity>=ERROR" in sources()["monitoring.tf"]


def test_metrics_are_labelled_by_fields_that_lines_have() -> None:
    extracted = set(re.findall(r"EXTRACT\(jsonPayload\.(\w+)\)", sources()["monitoring.tf"]))

    assert extracted == {"outcome", "error", "reason"}


def test_a_flow_that_nobody_logs_has_no_outcomes() -> None:
    assert outcomes_of("nonesuch") == set()
