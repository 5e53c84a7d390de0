"""What Terraform runs on the operator's machine, and the check of it, with programs that only note their calls."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from infra.settings import settings_from
from tests.terraform.tables import ROOT, TERRAFORM

TOOLS = ("bash", "base64", "cat", "dirname", "env", "grep", "head", "mktemp", "rm", "tee", "tr")


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A machine's programs: the usual ones, neither Terraform nor gcloud."""
    for tool in TOOLS:
        (tmp_path / tool).symlink_to(str(shutil.which(tool)))
    return tmp_path


def put_gcloud(machine: Path, answer: str) -> Path:
    """A gcloud that notes its arguments and what it is given; where they stand."""
    noted = machine / "noted"
    program = machine / "gcloud"
    program.write_text(f'#!/usr/bin/env bash\necho "$@" >>"{noted}"\n{answer}\n', "utf-8")
    program.chmod(0o700)
    return noted


def run(machine: Path, script: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """The script as it ended there."""
    return subprocess.run(
        ["bash", str(script)],
        env={"PATH": str(machine), "TMPDIR": str(machine), **environment},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


BUILD = {
    "ACCOUNT": "projects/p/serviceAccounts/build", "IMAGE": "host/p/tandem/tandem:0123", "PROJECT": "p",
    "REGION": "europe-west1", "SOURCES": str(ROOT), "STAGING": "gs://sources/sources",
}  # fmt: skip


def test_the_first_key_is_one_that_the_settings_take(machine: Path) -> None:
    noted = put_gcloud(machine, f'case "$*" in *add*) cat >"{machine}/added";; esac')

    ended = run(machine, TERRAFORM / "first_key", SECRET="projects/p/secrets/tandem-keys")

    assert ended.returncode == 0, ended.stderr
    assert "versions add projects/p/secrets/tandem-keys" in noted.read_text("utf-8")
    assert len(settings_from({"TANDEM_KEYS": (machine / "added").read_text("utf-8")}).keys) == 1


def test_a_key_that_is_there_is_left_alone(machine: Path) -> None:
    noted = put_gcloud(machine, 'case "$*" in *list*) echo 1;; esac')

    ended = run(machine, TERRAFORM / "first_key", SECRET="projects/p/secrets/tandem-keys")

    assert ended.returncode == 0, ended.stderr
    assert " add " not in noted.read_text("utf-8")


def test_an_image_that_is_there_is_not_built_again(machine: Path) -> None:
    noted = put_gcloud(machine, "exit 0")

    ended = run(machine, TERRAFORM / "image/build", **BUILD)

    assert ended.returncode == 0, ended.stderr
    assert "builds submit" not in noted.read_text("utf-8")


def test_an_image_that_is_not_there_is_built_from_the_files_that_are_there(machine: Path) -> None:
    noted = put_gcloud(machine, 'case "$*" in *describe*) exit 1;; esac')

    ended = run(machine, TERRAFORM / "image/build", **BUILD)

    submitted = noted.read_text("utf-8").splitlines()[1]
    named = [part.partition("=")[2] for part in submitted.split() if part.startswith(("--config", "--ignore-file"))]
    assert ended.returncode == 0, ended.stderr
    assert [(ROOT / name).is_file() for name in named] == [True, True]


def test_a_build_that_fails_fails_once_and_says_where_its_log_is(machine: Path) -> None:
    noted = put_gcloud(machine, 'case "$*" in *describe*) exit 1;; *) echo BUILD FAILURE; exit 1;; esac')

    ended = run(machine, TERRAFORM / "image/build", **BUILD)

    assert ended.returncode == 1
    assert "gcloud builds list --region=europe-west1" in ended.stderr
    assert noted.read_text("utf-8").count("builds submit") == 1


def test_without_sources_nothing_is_built(machine: Path) -> None:
    noted = put_gcloud(machine, 'case "$*" in *describe*) exit 1;; esac')

    ended = run(machine, TERRAFORM / "image/build", **{**BUILD, "SOURCES": str(machine)})

    assert ended.returncode == 1
    assert "set the variable image" in ended.stderr
    assert "builds submit" not in noted.read_text("utf-8")


def test_a_machine_without_terraform_says_that_nothing_was_checked(machine: Path) -> None:
    ended = run(machine, ROOT / ".ci/terraform")

    assert ended.returncode == 0
    assert "NOT CHECKED" in ended.stderr


def test_nothing_unchecked_passes_where_nothing_may_be_left_out(machine: Path) -> None:
    ended = run(machine, ROOT / ".ci/terraform", REQUIRE_ALL="1")

    assert ended.returncode == 1
    assert "NOT CHECKED" in ended.stderr


def test_every_script_may_be_run() -> None:
    scripts = (TERRAFORM / "first_key", TERRAFORM / "image/build", ROOT / ".ci/terraform")

    assert [script.name for script in scripts if not os.access(script, os.X_OK)] == []
