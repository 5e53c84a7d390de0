"""The simulator's page names every call of its control API, every effect of bad weather, and a snippet that runs."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import get_args, get_type_hints

from infra.simulator import control, faults
from infra.simulator.settings import SimSettings
from tests.docs.pages import ROOT, blocks, page, rows

PAGE = page("docs/simulator.md")
BESIDE = {("GET", "clock"), ("POST", "clock"), ("POST", "reset")}
"""Calls with a route of their own."""


def test_every_control_call_is_named_and_no_other() -> None:
    told = [re.fullmatch(r"`(GET|POST) /_sim/(\S+)`", row[0]) for row in rows(PAGE, "call")]

    assert all(told)
    assert {(found[1], found[2]) for found in told if found} == set(control._ACTIONS) | BESIDE


def test_every_effect_of_bad_weather_is_named() -> None:
    section = PAGE.partition("The effects:")[2].partition("\n## ")[0]

    assert set(re.findall(r"`(\w+)`", section)) - {"seconds"} == set(faults.EFFECTS)


def test_every_switch_of_a_series_is_told_with_its_values_the_default_first() -> None:
    told = {row[0].strip("`"): re.findall(r"`(\w+)`", row[1]) for row in rows(PAGE, "switch")}
    settings = get_type_hints(SimSettings)
    written = {name: list(get_args(settings[name])) or [False, True] for name in told}

    assert len(told) == 11
    assert {name: [str(value).lower() for value in values] for name, values in written.items()} == told
    assert {name: str(getattr(SimSettings(), name)).lower() for name in told} == {
        name: values[0] for name, values in told.items()
    }


def test_every_action_of_a_person_is_named() -> None:
    section = PAGE.partition("Actions\nare ")[2].partition(".")[0]

    assert set(re.findall(r"`(\w+)`", section)) == set(get_args(get_type_hints(control._PersonCall)["action"]))


def test_the_snippet_runs() -> None:
    (snippet,) = (block.text for block in blocks(PAGE) if block.kind == "python")

    done = subprocess.run(
        [sys.executable, "-c", snippet], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )

    assert done.returncode == 0, done.stderr
    assert "TANDEM_GOOGLE_API_URL" in done.stdout
