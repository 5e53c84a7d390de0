"""The image holds what functions need, and neither simulator, demo nor tests."""

import re
import shutil
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

import pytest

import main
from tests.terraform.tables import ROOT, TERRAFORM, sources

LEFT_OUT = ("infra/simulator", "infra/embedded/demo", "infra/embedded/demo_site.py")


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The application as the Dockerfile copies it."""
    folder = tmp_path_factory.mktemp("app")
    dockerfile = (TERRAFORM / "image/Dockerfile").read_text("utf-8")
    for name in re.findall(r"^COPY (?!--)(\S+) \./", dockerfile, re.MULTILINE):
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, folder)
    removed = re.findall(r"^RUN rm -rf (.+) \\$", dockerfile, re.MULTILINE)
    for name in removed[0].split():
        shutil.rmtree(folder / name) if (folder / name).is_dir() else (folder / name).unlink()
    return folder


def test_simulator_demo_and_tests_are_not_in_it(app: Path) -> None:
    assert [name for name in (*LEFT_OUT, "tests", "docs") if (app / name).exists()] == []


def test_every_function_is_there_without_them(app: Path) -> None:
    asked = f"import main; print([getattr(main, name).__name__ for name in {list(main.FUNCTIONS)}])"

    answer = subprocess.run(
        [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(app)!r}); {asked}"],
        cwd=app, capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip

    assert answer.stdout.strip() == str(list(main.FUNCTIONS))


def test_what_is_uploaded_is_what_is_hashed() -> None:
    ignored = (TERRAFORM / "image/gcloudignore").read_text("utf-8").splitlines()
    kept = {line.removeprefix("!/") for line in ignored if line.startswith("!/") and line.count("/") == 1}
    hashed = set(re.findall(r'fileset\(local\.sources, "\{?([^}"]+?)\}?(?:/\*\*?)?"\)', sources()["image.tf"]))

    assert kept == {name for names in hashed for name in names.partition("/")[0].split(",")}
    assert {line.removeprefix("/") for line in ignored if line.startswith("/infra")} == set(LEFT_OUT)


def test_what_is_left_out_is_not_hashed_either() -> None:
    pattern = re.findall(r'regex\("(\(\^\|/\)__pycache__.+?)", file\)', sources()["image.tf"])[0].replace("\\\\", "\\")

    assert [name for name in LEFT_OUT if not re.search(pattern, name if "." in name else f"{name}/x.py")] == []
    assert [name for name in ("main.py", "infra/embedded/cli.py", "infra/wiring.py") if re.search(pattern, name)] == []


def test_the_image_has_the_production_runtime_in_both_stages() -> None:
    bases = re.findall(r"^FROM (\S+)", (TERRAFORM / "image/Dockerfile").read_text("utf-8"), re.MULTILINE)

    assert [base for base in bases if not fnmatch(base, "python:3.13-*")] == []
