"""What `terraform/main.tf` declares, as Terraform itself reads it: the file holds locals only and needs no provider.

Start at `declared`; without Terraform the tests are skipped with the reason, or fail where nothing may be left out.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import msgspec

from tests.bootstrap import require

ROOT = Path(__file__).resolve().parents[2]
TERRAFORM = ROOT / "terraform"
REMEDY = "install Terraform 1.11 or later: https://developer.hashicorp.com/terraform/install"
DEADLINE_S = 60


class Function(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One service."""

    public: bool
    paths: tuple[str, ...]
    store: bool
    google: bool
    client: bool
    secrets: bool
    enqueues: frozenset[str]
    concurrency: int
    max_instances: int
    timeout_s: float
    memory: str


class Rates(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One queue."""

    dispatches_per_s: float
    concurrent: int
    attempts: int
    min_backoff_s: float
    max_backoff_s: float


class Regular(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One schedule."""

    function: str
    path: str
    every_s: int


class Fields(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One index."""

    collection: str
    fields: tuple[str, ...]
    group: bool
    array: bool


class Counted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One metric over lines of the log."""

    filter: str
    text: str


class Tables(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Every table of `main.tf`."""

    functions: dict[str, Function]
    queues: dict[str, Rates]
    schedules: dict[str, Regular]
    log_metrics: dict[str, Counted]
    indexes: tuple[Fields, ...]
    backwards: dict[str, str]
    expiring: dict[str, str]
    unindexed: dict[str, frozenset[str]]


def declared(folder: Path) -> Tables:
    """The tables, evaluated in this empty folder."""
    terraform = require(shutil.which("terraform"), REMEDY)
    shutil.copy(TERRAFORM / "main.tf", folder)
    asked = f"jsonencode({{{', '.join(f'{name} = local.{name}' for name in Tables.__struct_fields__)}}})"
    answer = subprocess.run(
        [terraform, "console"],
        input=asked, cwd=folder, capture_output=True, text=True, timeout=DEADLINE_S, check=True,
        env={**os.environ, "CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1"},
    )  # fmt: skip
    # The console shows a string as it would be written, which here is also how JSON writes it.
    return msgspec.json.decode(json.loads(answer.stdout), type=Tables)


def sources() -> dict[str, str]:
    """Every file of the configuration, by its name."""
    return {file.name: file.read_text("utf-8") for file in sorted(TERRAFORM.glob("*.tf"))}
