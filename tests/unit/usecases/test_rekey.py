"""Everything sealed comes under the current key, in pages, past kills and races; then retired keys are given up."""

from __future__ import annotations

import dataclasses
import re
from datetime import timedelta
from pathlib import Path

import pytest

from infra.embedded.secrets import SealedSecrets
from infra.keys import GivenKeys, PathCipher, Ring
from shared.ports import Delete, Document, Patch, Query
from shared.usecases import rekey as usecase
from shared.usecases.rekey import POSITION, Rekeyed, rekey
from tests.unit.usecases.sealed import ANNA, APP, Place

ROOT = Path(__file__).parents[3]
MONTH = timedelta(days=30)
PLAIN = ["access", "client", "new", "old", "refresh"]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@pytest.fixture
def rotated(place: Place) -> Place:
    place.keys.rotate(place.now())
    return place


def test_before_it_is_sealed_again_everything_still_opens(rotated: Place) -> None:
    assert rotated.opened_by(*rotated.keys) == PLAIN


def test_after_it_everything_opens_without_the_old_key(rotated: Place) -> None:
    done = rotated.rekey()

    assert done == Rekeyed(due=True, renewed=3, finished=True)
    assert rotated.opened_by(next(iter(rotated.keys))) == PLAIN


def test_a_sealed_reference_is_still_one(rotated: Place) -> None:
    rotated.rekey()

    reference = str(rotated.get(APP).data["secret_ref"])
    assert SealedSecrets(PathCipher([next(iter(rotated.keys))])).read(APP, reference) == "client"


def test_what_is_not_sealed_stays_as_it_is(rotated: Place) -> None:
    rotated.rekey()

    assert rotated.get(ANNA).data["status"] == "active"
    assert rotated.get(APP).data["client_id"] == "plain"


def test_once_it_is_done_a_look_costs_one_read(rotated: Place) -> None:
    rotated.rekey()
    revision = rotated.get(POSITION).revision

    assert rotated.rekey() == Rekeyed()
    assert rotated.get(POSITION).revision == revision


def test_many_documents_are_done_page_by_page(rotated: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usecase, "PAGE", 3)
    paths = [f"tenants/t/connections/{number:02d}" for number in range(10)]
    old = PathCipher(rotated.old)
    for path in paths:
        rotated.set(path, refresh_token=old.seal(path, path))

    assert rotated.rekey().renewed == 13

    new = PathCipher([next(iter(rotated.keys))])
    assert [new.open(path, str(rotated.get(path).data["refresh_token"])) for path in paths] == paths


def test_a_step_whose_time_is_over_goes_on_at_the_next(rotated: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usecase, "PAGE", 1)
    slow = rotated.store.query

    def query(asked: Query) -> list[Document]:
        rotated.later(timedelta(seconds=rotated.world.options.run_step_s))
        return slow(asked)

    monkeypatch.setattr(rotated.store, "query", query)
    steps = [rotated.rekey()]
    while not steps[-1].finished:
        steps.append(rotated.rekey())

    assert [step.renewed for step in steps] == [1, 0, 1, 0, 1, 0]
    assert rotated.opened_by(next(iter(rotated.keys))) == PLAIN


def test_a_rotation_in_the_middle_of_a_pass_begins_it_anew(rotated: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    look = rotated.store.query

    def query(asked: Query) -> list[Document]:
        rotated.later(timedelta(seconds=rotated.world.options.run_step_s))
        return look(asked)

    with monkeypatch.context() as slow:
        slow.setattr(rotated.store, "query", query)
        first = rotated.rekey()
    rotated.keys.rotate(rotated.now())

    second = rotated.rekey()

    assert (first.finished, second.finished) == (False, True)
    assert rotated.opened_by(next(iter(rotated.keys))) == PLAIN


def test_a_killed_step_is_done_again(rotated: Place) -> None:
    def die() -> None:
        raise KeyboardInterrupt

    rotated.racing(die)
    with pytest.raises(KeyboardInterrupt):
        rotated.rekey()
    rotated.world = dataclasses.replace(rotated.world, store=rotated.store)

    assert rotated.rekey().finished
    assert rotated.opened_by(next(iter(rotated.keys))) == PLAIN


def test_a_grant_that_is_written_meanwhile_is_not_overwritten(rotated: Place) -> None:
    again = rotated.seal(ANNA, "reconnected")
    rotated.racing(lambda: rotated.store.commit([Patch(path=ANNA, fields={"refresh_token": again})]))

    rotated.rekey()

    assert rotated.get(ANNA).data["refresh_token"] == again
    assert rotated.opened_by(next(iter(rotated.keys))) == ["access", "client", "new", "old", "reconnected"]


def test_a_connection_that_is_deleted_meanwhile_stays_deleted(rotated: Place) -> None:
    rotated.racing(lambda: rotated.store.commit([Delete(path=ANNA)]))

    assert rotated.rekey().finished
    assert rotated.store.get_many([ANNA])[ANNA] is None


def test_a_connection_whose_token_is_being_fetched_waits_for_another_round(rotated: Place) -> None:
    lease = {"lease_until": rotated.now() + timedelta(seconds=30)}
    rotated.store.commit([Patch(path=ANNA, fields=lease)])
    first = rotated.rekey()
    held = rotated.get(ANNA).data["refresh_token"]
    rotated.later(timedelta(seconds=31))

    second = rotated.rekey()

    assert (first.finished, second.finished) == (False, True)
    assert PathCipher(rotated.old).open(ANNA, str(held)) == "refresh"
    assert rotated.opened_by(next(iter(rotated.keys))) == PLAIN


def test_what_no_key_opens_keeps_nothing_from_being_finished(rotated: Place) -> None:
    rotated.set("tenants/t/connections/lost", refresh_token=PathCipher([b"x" * 32]).seal("elsewhere", "x"))

    assert rotated.rekey().finished


def test_two_rotations_in_a_row_leave_everything_under_the_last_key(rotated: Place) -> None:
    rotated.keys.rotate(rotated.now())

    rotated.rekey()

    assert rotated.opened_by(next(iter(rotated.keys))) == PLAIN


def test_a_retired_key_is_given_up_after_thirty_days(rotated: Place) -> None:
    rotated.rekey()
    rotated.later(MONTH - timedelta(seconds=1))
    rotated.rekey()
    kept = len(rotated.keys)
    rotated.later(timedelta(seconds=1))

    rotated.rekey()

    assert (kept, len(rotated.keys)) == (2, 1)
    assert rotated.rekey() == Rekeyed()


def test_what_was_sealed_late_under_the_old_key_is_found_before_that_key_is_given_up(rotated: Place) -> None:
    rotated.rekey()
    late = PathCipher(rotated.old).seal(ANNA, "late")
    rotated.store.commit([Patch(path=ANNA, fields={"access_token": late})])
    rotated.later(MONTH)

    rotated.rekey()

    assert len(rotated.keys) == 1
    assert rotated.opened_by(*rotated.keys) == ["client", "late", "new", "old", "refresh"]


def test_an_expired_key_stays_while_something_may_still_be_under_it(rotated: Place) -> None:
    rotated.later(MONTH)
    rotated.store.commit([Patch(path=ANNA, fields={"lease_until": rotated.now() + timedelta(seconds=30)})])

    rotated.rekey()

    assert len(rotated.keys) == 2


def test_two_steps_at_once_do_no_harm(rotated: Place) -> None:
    rotated.racing(lambda: rekey(dataclasses.replace(rotated.world, store=rotated.store), Ring(rotated.keys)))

    rotated.rekey()

    assert rotated.opened_by(next(iter(rotated.keys))) == PLAIN
    assert rotated.get(POSITION).data["done"] == Ring(rotated.keys).due(rotated.now()).current


def test_a_new_first_key_of_the_operators_own_is_taken_over_too(place: Place) -> None:
    new = b"n" * 32

    done = rekey(place.world, Ring(GivenKeys((new, *place.old))))

    assert done.finished
    assert place.opened_by(new) == PLAIN


def test_the_step_reads_no_index_and_scans_nothing(rotated: Place) -> None:
    rotated.rekey()

    assert rotated.store.scanned == set()


def test_every_place_that_seals_is_known_here() -> None:
    """A new one must be added to `SEALED_IN`, or live for less than a retired key does."""
    files = [path for part in ("shared", "functions", "infra") for path in (ROOT / part).rglob("*.py")]
    sealing = {str(path.relative_to(ROOT)) for path in files if re.search(r"cipher\.seal\(", path.read_text())}

    known = {
        "shared/usecases/connecting/access.py": "connections",
        "shared/usecases/connecting/granted.py": "connections",
        "shared/usecases/connecting/consent.py": "oauth_states: ten minutes",
        "shared/webhooks/manage.py": "webhook",
        "infra/embedded/secrets.py": "oauth_apps",
        "shared/relay/sealed.py": "nowhere: installations keep it, and docs/relay.md says what a change of keys means",
    }
    assert sealing <= known.keys()
    assert {place for place in known.values() if ":" not in place} <= set(usecase.SEALED_IN)
