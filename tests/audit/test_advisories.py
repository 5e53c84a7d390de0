"""An advisory is found for the versions it holds for, and for no others."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.audit.__main__ import FILES, ROOT
from tests.audit.advisories import known_to_be_weak, pins

ADVISORY = """\
id: PYSEC-1
affected:
- package: {name: werkzeug, ecosystem: PyPI}
  ranges:
  - type: GIT
    events: [{introduced: "0"}, {fixed: 517cac5a}]
  - type: ECOSYSTEM
    events: [{introduced: "0"}, {fixed: 2.2.3}, {introduced: "3.0"}, {fixed: 3.0.1}]
  versions: ["2.2.1", "9.9"]
"""


@pytest.fixture
def database(tmp_path: Path) -> Path:
    folder = tmp_path / "vulns" / "werkzeug"
    folder.mkdir(parents=True)
    (folder / "PYSEC-1.yaml").write_text(ADVISORY)
    return tmp_path


@pytest.mark.parametrize("version", ["0.1", "2.2.2", "3.0", "3.0.0", "9.9", "3.0rc1.odd"])
def test_a_version_that_an_advisory_holds_for_is_named(database: Path, version: str) -> None:
    (found,) = known_to_be_weak([("werkzeug", version)], database)

    assert (found.advisory, found.fixed) == ("PYSEC-1", "3.0.1")


@pytest.mark.parametrize("version", ["2.2.3", "2.9", "3.0.1", "3.1.9"])
def test_a_version_that_is_mended_is_not(database: Path, version: str) -> None:
    assert known_to_be_weak([("werkzeug", version)], database) == []


def test_an_advisory_that_was_withdrawn_is_left_out(database: Path) -> None:
    (database / "vulns/werkzeug/PYSEC-1.yaml").write_text(f"withdrawn: 2026-01-01\n{ADVISORY}")

    assert known_to_be_weak([("werkzeug", "2.2.2")], database) == []


def test_another_folder_is_no_database(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no clone of the advisory database"):
        known_to_be_weak([], tmp_path)


def test_every_pin_is_asked_about_by_its_canonical_name() -> None:
    found = dict(pins((ROOT / name).read_text("utf-8") for name in FILES))

    assert {"werkzeug", "pyasn1-modules", "atheris"} <= found.keys()
    assert len(found) > 100
