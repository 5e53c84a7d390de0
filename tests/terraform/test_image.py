"""The image holds what functions need, and neither simulator, demo nor tests."""

import os
import re
import shutil
import signal
import subprocess
from fnmatch import fnmatch
from pathlib import Path

import pytest

import main
from tests.gcp.deployment import ENVIRONMENT
from tests.gcp.split import free_ports
from tests.gcp.test_start import ANSWERS, answered, started
from tests.scenarios.stage import eventually
from tests.terraform.tables import ROOT, TERRAFORM, sources

LEFT_OUT = ("infra/simulator", "infra/embedded/demo", "infra/embedded/demo_site.py")


@pytest.fixture(scope="module")
def uploaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `gcloud builds submit` sends: all that its ignore file leaves, by the rules of git."""
    empty, folder = tmp_path_factory.mktemp("git"), tmp_path_factory.mktemp("uploaded")
    subprocess.run(["git", "init", "-q", "--bare", str(empty)], check=True)
    kept = subprocess.run(
        ["git", f"--git-dir={empty}", f"--work-tree={ROOT}", "ls-files", "-z", "--others",
         "--exclude-from=terraform/image/gcloudignore"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    for name in kept.rstrip("\0").split("\0"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    return folder


@pytest.fixture(scope="module")
def app(uploaded: Path, production_python: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The application's folder as the Dockerfile makes it out of the upload, on the packages of requirements.txt."""
    folder = tmp_path_factory.mktemp("app")
    dockerfile = (TERRAFORM / "image/Dockerfile").read_text("utf-8").replace("\\\n", "")
    stage = dockerfile.rpartition("FROM ")[2]
    for name in re.findall(r"^COPY (?!--)(\S+) \./", stage, re.MULTILINE):
        if (uploaded / name).is_dir():
            shutil.copytree(uploaded / name, folder / name)
        else:
            shutil.copy(uploaded / name, folder)
    (made,) = (line for line in re.findall(r"^RUN (.+)$", stage, re.MULTILINE) if "compileall" in line)
    command = made.replace("/opt/packages/bin/python", str(production_python))
    subprocess.run(["bash", "-euc", command], cwd=folder, check=True, timeout=120, env={"PATH": "/usr/bin:/bin"})
    return folder


def test_the_upload_is_what_the_hash_is_made_of_and_no_more(uploaded: Path) -> None:
    sent = {str(file.relative_to(uploaded)) for file in uploaded.rglob("*") if file.is_file()}

    assert {name.partition("/")[0] for name in sent} == {
        "main.py", "requirements.txt", "functions", "infra", "shared", "terraform",
    }  # fmt: skip
    assert {name for name in sent if name.startswith("terraform/")} == {
        f"terraform/image/{file.name}" for file in (TERRAFORM / "image").iterdir()
    }
    assert [name for name in sent if name.startswith(LEFT_OUT) or name.endswith(".pyc")] == []


def test_every_module_is_compiled_and_taken_without_a_look_at_its_source(app: Path) -> None:
    modules = list(app.rglob("*.py"))
    compiled = {
        file.parent.parent / f"{file.name.partition('.')[0]}.py": file.read_bytes()[4:8] for file in app.rglob("*.pyc")
    }

    assert set(compiled) == set(modules)
    # https://peps.python.org/pep-0552/: by hash, unchecked
    assert set(compiled.values()) == {(1).to_bytes(4, "little")}


def test_a_function_is_served_from_exactly_that(app: Path, production_python: Path) -> None:
    (port,) = free_ports(1)
    process = started(
        production_python, "api", {**ENVIRONMENT, "FIRESTORE_EMULATOR_HOST": "127.0.0.1:9"}, port, folder=app
    )
    try:
        assert eventually(lambda: answered("api", port), within_s=60) == ANSWERS["api"][2]
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def test_simulator_demo_and_tests_are_not_in_it(app: Path) -> None:
    assert [name for name in (*LEFT_OUT, "tests", "docs") if (app / name).exists()] == []


def test_every_function_is_there_without_them(app: Path, production_python: Path) -> None:
    asked = f"import main; print([getattr(main, name).__name__ for name in {list(main.FUNCTIONS)}])"

    answer = subprocess.run(
        [str(production_python), "-I", "-c", f"import sys; sys.path.insert(0, {str(app)!r}); {asked}"],
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
