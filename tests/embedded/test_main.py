"""main.py loads what is asked for and nothing else, and refuses packages of the same names that are not ours."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import main

ROOT = Path(main.__file__).parent


def started(code: str, *, path: Path | None = None) -> subprocess.CompletedProcess[str]:
    environment = {"PYTHONPATH": str(path)} if path else {}
    return subprocess.run(
        [sys.executable, "-c", code],
        env=environment,
        cwd=path or "/",
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def load(extra: str = "") -> str:
    return f"""
import importlib.util, sys
sys.path.append({str(ROOT)!r})
{extra}
spec = importlib.util.spec_from_file_location("main", {str(ROOT / "main.py")!r})
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
"""


def test_the_table_names_every_function_there_is_and_no_other() -> None:
    modules = [path.stem for path in (ROOT / "functions").glob("*.py")] + [
        path.parent.name for path in (ROOT / "functions").glob("*/__init__.py")
    ]
    found = {name for name in modules if hasattr(import_module(f"functions.{name}"), name)} - {"__init__"}

    assert found == set(main.FUNCTIONS)


def test_an_unknown_function_is_named_in_the_error() -> None:
    done = started(load() + "\nmodule.nothing")

    assert "has no function nothing; there are oauth" in done.stderr


def test_nothing_is_loaded_before_it_is_asked_for() -> None:
    done = started(
        load()
        + "\nprint(sorted(name for name in sys.modules if name.split('.')[0] in ('functions', 'infra', 'flask')))"
    )

    assert done.stdout == "[]\n"


def test_an_installed_package_of_the_same_name_does_not_win(tmp_path: Path) -> None:
    _foreign(tmp_path)

    done = started(load() + "\nimport shared\nprint(shared.TANDEM)", path=tmp_path)

    assert done.stdout == "tandem\n"


def test_a_foreign_package_that_was_imported_before_is_refused(tmp_path: Path) -> None:
    _foreign(tmp_path)

    done = started(load("import shared"), path=tmp_path)

    assert "shared must be Tandem's own" in done.stderr
    assert done.returncode == 1


def _foreign(folder: Path) -> None:
    (folder / "shared").mkdir()
    (folder / "shared" / "__init__.py").write_text("")
