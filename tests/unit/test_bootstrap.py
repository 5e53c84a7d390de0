"""What tests need is found, and its absence is never silent."""

from pathlib import Path

import pytest

from tests.bootstrap import find_chromium, find_firestore_emulator, require

pytest_plugins = ["pytester"]

HOOK = "from tests.conftest import pytest_runtest_makereport"
SKIPPING = """
    import pytest

    def test_it():
        pytest.skip("no such thing here")
"""
ASKING = """
    from tests.bootstrap import require

    def test_it():
        require(None, "no such thing here")
"""


def test_a_thing_that_is_there_is_given() -> None:
    assert require("it", "never read") == "it"


@pytest.mark.parametrize("source", [SKIPPING, ASKING])
def test_a_missing_thing_skips_with_its_reason(
    source: str, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REQUIRE_ALL", raising=False)
    pytester.makeconftest(HOOK)
    pytester.makepyfile(source)

    result = pytester.runpytest("-rs")

    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["*no such thing here*"])


@pytest.mark.parametrize("source", [SKIPPING, ASKING])
def test_a_missing_thing_fails_when_all_is_required(
    source: str, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUIRE_ALL", "1")
    pytester.makeconftest(HOOK)
    pytester.makepyfile(source)

    result = pytester.runpytest()

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*no such thing here*"])


def test_a_named_browser_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = tmp_path / "mine"
    browser.touch()
    monkeypatch.setenv("TANDEM_TEST_CHROMIUM", str(browser))

    assert find_chromium() == browser


def test_a_named_browser_that_is_not_there_is_not_replaced_by_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TANDEM_TEST_CHROMIUM", str(tmp_path / "gone"))

    assert find_chromium() is None


def test_without_java_there_is_no_firestore_emulator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    assert find_firestore_emulator() is None
