"""The operator's guide names what Terraform and the code have, and leaves none of it out; its costs are counted."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from infra.queues import QUEUES
from infra.schedules import SCHEDULES
from shared.model.oauth import CALENDAR_SCOPES
from tests.docs.billed import billed
from tests.docs.pages import blocks, page, rows
from tests.docs.test_operations_page import _variables
from tests.terraform.tables import sources

PAGE, OWN = page("docs/google-cloud.md"), page("docs/own-client.md")
TERRAFORM = sources()


def _code(cell: str) -> str:
    return cell.removeprefix("`").removesuffix("`")


def _money(cell: str) -> float:
    return float(cell.replace(",", ""))


def test_every_variable_of_terraform_is_named_and_no_other() -> None:
    declared = re.findall(r'^variable "(\w+)"', TERRAFORM["variables.tf"], re.MULTILINE)

    assert sorted(_code(row[0]) for row in rows(PAGE, "variable")) == sorted(declared)


def test_every_output_is_named_and_no_other() -> None:
    declared = re.findall(r'^output "(\w+)"', TERRAFORM["outputs.tf"], re.MULTILINE)

    assert [_code(row[0]) for row in rows(PAGE, "output")] == sorted(declared)


def test_every_alert_is_explained_and_no_other() -> None:
    declared = re.findall(r'title +?= "([^"]+)", severity', TERRAFORM["monitoring.tf"])

    assert sorted(row[0] for row in rows(PAGE, "alert")) == sorted(declared)


def test_the_limits_of_alerts_are_the_ones_in_force() -> None:
    limits = dict(re.findall(r"(\w+) += optional\(number, (\d+)\)", TERRAFORM["variables.tf"].split('"budget"')[0]))
    told = {row[0]: set(re.findall(r"\d+", row[1])) for row in rows(PAGE, "alert")}

    assert limits["lag_s"] in told["jobs start late"]
    assert limits["queue_depth"] in told["many jobs wait"]
    assert limits["errors"] in told["errors"]
    assert limits["failed_tries"] in told["Google or the store refuses many tries"]
    assert limits["failed_deliveries"] in told["a webhook refuses deliveries"]


def test_every_resource_that_is_named_is_declared() -> None:
    declared = {
        f"{kind}.{name}"
        for text in TERRAFORM.values()
        for kind, name in re.findall(r'^resource "(\w+)" "(\w+)"', text, re.MULTILINE)
    }
    named = set(re.findall(r"\bgoogle_\w+\.\w+", PAGE))

    assert named - declared == set()
    # All that belongs to the database moves with it.
    assert {name for name in declared if name.startswith("google_firestore_")} == {
        name for name in named if name.startswith("google_firestore_")
    }


def test_every_setting_that_is_named_is_read() -> None:
    assert set(re.findall(r"\bTANDEM_[A-Z_]+[A-Z]", PAGE + OWN)) - _variables() == set()


def test_every_queue_and_schedule_is_paused_for_a_restore() -> None:
    queues = re.search(r"for queue in ([\w ]+); do gcloud tasks queues pause", PAGE)
    jobs = re.search(r"for job in ([\w -]+); do", PAGE)

    assert queues is not None
    assert set(queues[1].split()) == set(QUEUES)
    assert jobs is not None
    assert set(jobs[1].split()) == {schedule.name for schedule in SCHEDULES}


def test_names_of_the_deployment_exist() -> None:
    services = {
        f"tandem-{name.replace('_', '-')}"
        for name in re.findall(r"^    (\w+) = \{$", TERRAFORM["main.tf"], re.MULTILINE)
    }
    made = services | {f"tandem-{name}" for name in QUEUES} | {"tandem-keys", "tandem-store", "tandem-store-2"}

    assert set(re.findall(r"(?<![\w/.-])tandem-[a-z0-9-]*[a-z0-9]", PAGE)) - made == set()


def test_the_scopes_to_paste_are_the_ones_that_are_asked_for() -> None:
    pasted = [block.text.split() for block in blocks(PAGE) if "auth/calendar.events" in block.text]

    assert pasted == [list(CALENDAR_SCOPES)]


def test_the_variables_of_the_command_line_are_set_by_what_is_printed() -> None:
    (script,) = re.findall(r"-c '\n(.+?)'\)\"", PAGE, re.DOTALL)
    given = json.dumps({"TANDEM_URLS": json.dumps({"api": "https://a b's"}), "TANDEM_ENV": "tandem"})

    lines = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], input=given, capture_output=True, text=True, check=True
    ).stdout
    told = subprocess.run(
        ["bash", "-c", 'eval "$1"; printf %s "$TANDEM_URLS"', "bash", lines], capture_output=True, text=True, check=True
    ).stdout

    assert json.loads(told) == {"api": "https://a b's"}


def test_what_the_first_steps_enable_is_what_terraform_says() -> None:
    (enabled,) = re.findall(r"gcloud services enable ([\w. ]+) --project", PAGE)

    assert f"gcloud services enable {enabled}" in TERRAFORM["versions.tf"]


@pytest.mark.parametrize("word", ["schema", "X-Request-Id", "needs_review", "deployment"])
def test_the_guide_speaks_of(word: str) -> None:
    assert f"`{word}`" in PAGE


def test_b17_a_step_costs_what_it_is_said_to_cost(tmp_path: Path) -> None:
    counted = {
        name: [bill["read"], bill["written"], bill["jobs"], bill["google"]] for name, bill in billed(tmp_path).items()
    }

    assert {row[0]: [int(cell) for cell in row[1:5]] for row in rows(PAGE, "step")} == counted


def test_b17_a_million_changes_cost_what_the_steps_and_prices_make() -> None:
    steps = [[int(cell) for cell in row[1:]] for row in rows(PAGE, "step")]
    prices = {row[0]: _money(row[1]) for row in rows(PAGE, "price")}
    read, written = prices["100,000 documents read"] * 10, prices["100,000 documents written"] * 10
    operation = prices["1,000,000 operations of Cloud Tasks"]
    request = sum(price for name, price in prices.items() if name.startswith("1,000,000 requests"))

    def made(of: list[list[int]]) -> list[float]:
        firestore = sum(each[0] * read + each[1] * written for each in of)
        tasks = sum(each[2] * 2 * operation for each in of)
        run = sum(each[4] * request for each in of)
        return [round(part, 2) for part in (firestore, tasks, run, firestore + tasks + run)]

    told = [[_money(cell) for cell in row[1:]] for row in rows(PAGE, "a million")]
    assert told == [made(steps[:3]), made(steps[3:])]


def test_the_price_of_time_is_that_of_its_parts() -> None:
    # https://cloud.google.com/run/pricing: a second of a vCPU, and of a GiB
    per_s = 0.000024 + 0.5 * 0.0000025
    (told,) = (row[1] for row in rows(PAGE, "price") if "0.2 s" in row[0])

    assert _money(told) == round(0.2 * per_s * 1_000_000, 2)


def test_the_tenants_page_shows_what_the_answer_has() -> None:
    assert re.search(r'"redirect_uris": \["…/oauth/callback"\], "scopes"', OWN)
