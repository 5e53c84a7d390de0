"""The key file: rotated beside readers, never half written, retired keys kept their time and then given up."""

from __future__ import annotations

import json
import stat
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from infra.embedded.key_file import DataFolderFault, KeyFile
from infra.keys import PathCipher, PurposeKeys, Ring, name_of
from shared.errors import Bug, StoreUnavailable
from tests.embedded.conftest import START

MONTH = timedelta(days=30)


@pytest.fixture
def keys(tmp_path: Path) -> KeyFile:
    made = KeyFile(tmp_path / "identity.json")
    made.identity()
    return made


def test_the_new_key_comes_first_and_the_old_one_stays(keys: KeyFile) -> None:
    (old,) = keys

    keys.rotate(START)

    assert (len(keys), list(keys)[1]) == (2, old)
    assert next(iter(keys)) != old


def test_the_deployment_stays_the_same(keys: KeyFile) -> None:
    before = keys.identity().deployment

    keys.rotate(START)

    assert KeyFile(keys.path).identity().deployment == before


def test_it_tells_until_when_the_old_key_opens(keys: KeyFile) -> None:
    assert keys.rotate(START) == START + MONTH


def test_another_reader_sees_the_change_at_its_next_look(keys: KeyFile) -> None:
    server = KeyFile(keys.path)
    before = list(server)

    keys.rotate(START)

    assert list(server)[1:] == before


def test_only_this_user_reads_the_file_after_a_rotation(keys: KeyFile) -> None:
    keys.rotate(START)

    assert stat.S_IMODE(keys.path.stat().st_mode) == 0o600


def test_nothing_but_file_and_lock_is_left(keys: KeyFile) -> None:
    keys.rotate(START)

    assert sorted(path.name for path in keys.path.parent.iterdir()) == ["identity.json", "identity.lock"]


def test_the_time_of_its_retirement_stands_beside_a_key(keys: KeyFile) -> None:
    keys.rotate(START)
    keys.rotate(START + timedelta(days=1))

    assert json.loads(keys.path.read_text())["retired_at"] == ["2026-07-02T12:00:00Z", "2026-07-01T12:00:00Z"]


def test_a_retired_key_expires_after_thirty_days_and_not_before(keys: KeyFile) -> None:
    (old,) = keys
    keys.rotate(START)

    assert keys.expired(START + MONTH - timedelta(seconds=1)) == ()
    assert keys.expired(START + MONTH) == (name_of(old),)


def test_only_what_is_named_is_dropped(keys: KeyFile) -> None:
    (first,) = keys
    keys.rotate(START)
    second = next(iter(keys))
    keys.rotate(START + timedelta(days=1))
    third = next(iter(keys))

    keys.drop((name_of(first),))

    assert list(keys) == [third, second]
    assert keys.expired(START + timedelta(days=1) + MONTH) == (name_of(second),)


def test_the_current_key_is_never_dropped(keys: KeyFile) -> None:
    (current,) = keys

    keys.drop((name_of(current),))

    assert list(keys) == [current]


def test_a_key_that_was_put_there_by_hand_has_its_time_from_the_next_rotation_on(keys: KeyFile) -> None:
    kept = json.loads(keys.path.read_text())
    keys.path.write_text(json.dumps({"deployment": kept["deployment"], "keys": [*kept["keys"], "b" * 43]}))

    assert keys.expired(START + 12 * MONTH) == ()
    keys.rotate(START)
    assert len(keys.expired(START + MONTH)) == 2


def test_rotations_at_the_same_time_all_count(keys: KeyFile) -> None:
    threads = [threading.Thread(target=KeyFile(keys.path).rotate, args=(START,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(set(keys)) == 9


def test_a_reader_beside_rotations_never_meets_half_a_file(keys: KeyFile) -> None:
    (old,) = keys
    thread = threading.Thread(target=lambda: [KeyFile(keys.path).rotate(START) for _ in range(30)])
    thread.start()
    seen = []
    while thread.is_alive():
        seen.append(list(KeyFile(keys.path)))
    thread.join()

    assert seen
    assert all(looked[-1] == old for looked in seen)


def test_a_file_that_cannot_be_replaced_is_told_and_stays(keys: KeyFile) -> None:
    before = keys.path.read_bytes()
    (keys.path.parent / "identity.lock").mkdir()

    with pytest.raises(DataFolderFault, match="give this user the right"):
        keys.rotate(START)

    assert keys.path.read_bytes() == before


def test_a_running_server_without_its_file_comes_back_with_it(keys: KeyFile) -> None:
    kept = keys.path.read_bytes()
    cipher = PathCipher(keys)
    sealed = cipher.seal("a/b", "x")
    keys.path.unlink()
    with pytest.raises(StoreUnavailable, match="restore it from a backup"):
        cipher.open("a/b", sealed)

    keys.path.write_bytes(kept)

    assert cipher.open("a/b", sealed) == "x"


class TestUnderARunningServer:
    """Cipher, signing keys and ring were made before the rotation."""

    def test_what_was_sealed_before_opens_after(self, keys: KeyFile) -> None:
        cipher = PathCipher(keys)
        sealed = cipher.seal("a/b", "x")

        keys.rotate(START)

        assert cipher.open("a/b", sealed) == "x"

    def test_what_is_sealed_after_is_under_the_new_key(self, keys: KeyFile) -> None:
        cipher = PathCipher(keys)

        keys.rotate(START)

        assert PathCipher([next(iter(keys))]).open("a/b", cipher.seal("a/b", "x")) == "x"

    def test_what_was_signed_before_is_still_proved(self, keys: KeyFile) -> None:
        signing = PurposeKeys(keys)
        (before,) = signing.for_purpose("p")

        keys.rotate(START)

        assert signing.for_purpose("p")[1] == before

    def test_renewed_text_opens_without_the_old_key(self, keys: KeyFile) -> None:
        cipher, ring = PathCipher(keys), Ring(keys)
        sealed = cipher.seal("a/b", "x")
        keys.rotate(START)

        again = ring.renewed("a/b", sealed)

        assert again is not None
        assert PathCipher([next(iter(keys))]).open("a/b", again) == "x"

    def test_text_under_the_current_key_is_left_alone(self, keys: KeyFile) -> None:
        keys.rotate(START)

        assert Ring(keys).renewed("a/b", PathCipher(keys).seal("a/b", "x")) is None

    @pytest.mark.parametrize("text", ["", "plain", "gAAAAAnothing", "gAAAAABmå"])
    def test_what_is_no_ciphertext_is_left_alone(self, keys: KeyFile, text: str) -> None:
        keys.rotate(START)

        assert Ring(keys).renewed("a/b", text) is None

    def test_a_moved_ciphertext_is_not_renewed_for_its_new_place(self, keys: KeyFile) -> None:
        sealed = PathCipher(keys).seal("a/b", "x")
        keys.rotate(START)

        assert Ring(keys).renewed("a/c", sealed) is None

    def test_nothing_opens_under_a_dropped_key(self, keys: KeyFile) -> None:
        cipher = PathCipher(keys)
        sealed = cipher.seal("a/b", "x")
        keys.rotate(START)

        keys.drop(keys.expired(START + MONTH))

        with pytest.raises(Bug):
            cipher.open("a/b", sealed)
