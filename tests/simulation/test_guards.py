"""Every guard is seen to matter: with it switched off, the trace that it prevents goes wrong."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.simulation import guards_of_calendars as calendars
from tests.simulation import guards_of_series as series
from tests.simulation import guards_of_splits as splits
from tests.simulation import guards_of_tasks as tasks
from tests.simulation import (
    test_traces_brake,
    test_traces_feed,
    test_traces_full_list,
    test_traces_generations,
    test_traces_jobs,
    test_traces_marker,
    test_traces_moves,
    test_traces_series,
    test_traces_splits,
    test_traces_time,
    test_traces_views,
)
from tests.simulation.story import Story

if TYPE_CHECKING:
    from collections.abc import Callable

PROTOCOL = Path(__file__).parents[2] / "docs" / "protocol.md"
CASES = [
    (tasks.base_moves_with_the_whole_answer, "11_a_pull_does_not_call_an_unsent_edit_synced"),
    (tasks.a_move_answers_with_the_base, "12_an_unseen_edit_survives_a_move_to_another_calendar"),
    (tasks.overruled_values_leave_base, "13_a_value_put_back_after_the_policy_decided_reaches_google"),
    (tasks.synced_is_set, "11_a_pull_does_not_call_an_unsent_edit_synced"),
    (tasks.what_differs_is_an_edit, "18_a_stale_whole_record_does_not_undo_what_google_changed"),
    (tasks.the_marker_is_not_read, "01_our_own_patch_is_not_taken_for_an_edit_in_google"),
    (tasks.the_marker_is_not_read, "15_a_deletion_after_our_patch_whose_commit_was_lost_stays_a_deletion"),
    (tasks.what_is_in_memory_is_written, "01_an_edit_made_while_a_job_writes_to_google_outlives_its_commit"),
    (
        tasks.a_deleted_id_gives_way_to_the_next,
        "15_a_deletion_after_our_insert_whose_commit_was_lost_stays_a_deletion",
    ),
    (
        tasks.events_are_deleted_whatever_was_done_to_them,
        "12_an_unseen_edit_survives_a_move_to_another_account",
    ),
    (tasks.a_new_etag_is_used_on_the_old_reading, "04_a_late_job_does_not_delete_a_task_that_was_put_again"),
    (tasks.any_page_counts, "02_an_old_page_does_not_undo_what_a_job_wrote_since"),
    (tasks.any_page_counts, "02_an_old_page_does_not_undo_a_newer_edit_that_another_pull_took"),
    (tasks.tombstones_are_believed, "03_a_tombstone_on_an_old_page_does_not_delete_under_a_restored_event"),
    (tasks.a_page_revives, "03_an_old_page_does_not_revive_what_was_deleted_since"),
    (tasks.names_lack_the_attempt, "16_a_delayed_try_is_not_coalesced_with_the_try_that_asked_for_it"),
    (tasks.again_is_not_noted, "05_a_task_put_again_over_our_own_unconfirmed_delete_has_one_living_event"),
    (tasks.a_404_is_a_deletion, "07_a_late_insert_does_not_undo_a_deletion"),
    (tasks.a_marker_is_believed_on_any_event, "08_a_copy_is_imported_as_any_other_event"),
    (tasks.a_conflict_counts_as_unseen, "14_a_deletion_with_an_open_conflict_is_carried_out_when_the_job_has_to_get"),
    (tasks.earlier_generations_are_let_live, "06_a_late_insert_of_an_earlier_generation_is_taken_away"),
    (tasks.superseded_events_are_deleted_unseen, "06_a_late_insert_that_a_person_edited_is_left_to_that_person"),
    (
        calendars.what_a_full_list_lacks_is_deleted,
        "09_a_task_whose_insert_is_still_to_come_is_not_cancelled_by_a_full_list",
    ),
    (calendars.a_full_list_shows_everything, "10_a_deletion_that_only_a_full_list_could_show_is_seen"),
    (calendars.a_full_list_shows_everything, "10_a_confirmed_event_deleted_while_the_token_expired_is_judged"),
    (calendars.imports_have_no_precondition, "17_two_users_pulls_import_one_meeting_once"),
    (calendars.versions_stand_still, "20_deliveries_that_overtake_each_other_end_on_the_newest_value"),
    (calendars.nothing_stays_invisible, "19_a_change_that_becomes_visible_late_is_still_delivered"),
    (calendars.no_guard_for_slow_clocks, "21_a_notification_at_a_slow_instance_is_still_followed_by_a_pull"),
    (calendars.no_pull_after_the_watch, "22_a_change_between_the_last_pull_and_the_watch_is_seen_at_once"),
    (calendars.mappings_are_found_by_calendar, "38_while_it_lies_in_an_unwatched_calendar_its_return_brings_it_back"),
    (calendars.nobody_looks_elsewhere, "37_an_event_moved_by_a_person_is_not_judged_deleted"),
    (calendars.nobody_looks_elsewhere, "37_a_pull_that_sees_only_the_old_calendar_judges_no_deletion"),
    (
        calendars.a_new_place_is_believed,
        "39_a_mapping_that_follows_a_move_does_not_point_at_what_was_deleted",
    ),
    (calendars.nobody_inherits, "40_when_the_owners_copy_goes_the_task_belongs_to_a_living_one"),
    (calendars.nobody_inherits, "40_when_the_owner_disconnects_the_task_belongs_to_the_other_users_copy"),
    (calendars.copies_only_show, "42_a_copy_that_is_linked_while_the_owner_disconnects_owns_the_task"),
    (calendars.the_list_is_carried_out, "44_what_a_person_restored_meanwhile_is_not_deleted_by_the_confirmation"),
    (calendars.the_list_is_carried_out, "44_what_the_crm_edited_meanwhile_is_not_deleted_by_the_confirmation"),
    (calendars.the_first_copy_owns, "41_the_organizers_copy_owns_the_task_though_a_guests_was_imported_first"),
    (
        calendars.changed_settings_act_at_once,
        "43_jobs_that_meet_changed_settings_before_these_are_weighed_remove_nothing",
    ),
    (
        calendars.changed_settings_act_at_once,
        "43_while_changed_settings_are_held_an_edited_event_stays_and_its_edit_is_taken",
    ),
    (calendars.what_is_held_is_carried_out, "43_while_held_a_second_pull_carries_nothing_out"),
    (series.exceptions_are_judged_alone, "23_an_exception_that_comes_before_its_renamed_series_goes_on_following_it"),
    (
        series.a_pull_overwrites_what_it_did_not_read,
        "24_an_edit_of_an_occurrence_made_while_a_pull_judges_the_series_is_not_lost",
    ),
    (series.copied_markers_count, "25_a_marker_copied_from_the_series_is_no_marker_of_an_occurrence"),
    (series.occurrences_have_effective_values, "26_a_conflict_about_the_series_is_none_about_its_occurrences"),
    (series.inheritance_is_believed, "27_a_renamed_series_renames_exceptions_that_keep_their_own_copy"),
    (series.the_master_alone_is_read, "28_an_unseen_edit_of_an_occurrence_beats_the_deletion_of_its_series"),
    (series.tombstones_of_exceptions_count_without_a_master, "29_a_series_that_comes_back_has_all_its_occurrences"),
    (series.edits_of_occurrences_do_not_count, "30_an_unsent_edit_of_an_occurrence_brings_its_deleted_series_back"),
    (
        series.cancelled_occurrences_count_as_edits,
        "30_an_occurrence_that_was_cancelled_does_not_keep_a_series_from_being_deleted",
    ),
    (series.occurrences_keep_their_base, "31_the_next_generation_of_a_series_has_what_its_occurrences_had"),
    (calendars.stamps_are_not_kept, "45_a_guests_answer_does_not_make_an_older_edit_in_google_the_last"),
    (calendars.burnt_ids_are_tried_again, "46_a_task_whose_tombstone_was_purged_gets_a_new_event"),
    (splits.the_later_half_is_imported, "32_an_edit_the_crm_had_not_sent_reaches_both_halves"),
    (
        splits.beyond_the_end_is_gone,
        "33_an_occurrence_beyond_the_end_is_not_judged_before_the_later_half_is_known",
    ),
    (splits.occurrences_stay_behind, "34_an_occurrence_of_the_later_half_is_in_one_task_only"),
    (splits.names_tell_the_series, "35_a_later_edit_of_an_exception_with_the_old_name_is_the_later_halfs"),
    (splits.a_shared_uid_makes_a_view, "36_a_half_that_shares_the_uid_of_the_series_has_a_task"),
]
MODULES = (
    test_traces_brake,
    test_traces_feed,
    test_traces_full_list,
    test_traces_generations,
    test_traces_jobs,
    test_traces_marker,
    test_traces_moves,
    test_traces_series,
    test_traces_splits,
    test_traces_time,
    test_traces_views,
)


@pytest.mark.parametrize(("guard", "trace"), CASES, ids=[f"{guard.__name__}-{trace[:2]}" for guard, trace in CASES])
def test_without_the_guard_the_trace_goes_wrong(
    guard: Callable[[pytest.MonkeyPatch], None], trace: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = _trace(trace)
    told()
    guard(monkeypatch)

    with pytest.raises(AssertionError):
        told()


def test_every_guard_has_a_trace() -> None:
    written = {
        function
        for module in (tasks, calendars, series, splits)
        for _, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__ and (function.__doc__ or "").startswith("Rule")
    }

    assert written == {guard for guard, _ in CASES}


def test_every_trace_has_a_guard() -> None:
    told = {
        name.removeprefix("test_trace_")[:2]
        for module in MODULES
        for name in vars(module)
        if name.startswith("test_trace_")
    }

    assert told == {trace[:2] for _, trace in CASES}


def test_every_rule_with_a_trace_has_a_guard_that_is_tried_on_one_of_its_traces() -> None:
    tried: dict[int, set[int]] = {}
    for guard, trace in CASES:
        for rule in _rules_of(guard):
            tried.setdefault(rule, set()).add(int(trace[:2]))

    traces = _traces_by_rule()
    assert traces.keys() - tried.keys() == set()
    assert [rule for rule in traces if not tried[rule] & traces[rule]] == []
    assert set.union(*traces.values()) == set(range(1, 47))


def _rules_of(guard: Callable[[pytest.MonkeyPatch], None]) -> list[int]:
    """What it says it switches off: `Rules 13 and 14: …`."""
    return [int(number) for number in re.findall(r"\d+", (guard.__doc__ or "").partition(":")[0])]


def _traces_by_rule() -> dict[int, set[int]]:
    """The traces that the protocol names for each rule; rules without one were reasoned, not explored."""
    rules = PROTOCOL.read_text("utf-8").partition("\n## Traces")[0]
    numbered = re.findall(r"^(\d+)\. (.*?)(?=^\d+\. |^#|\Z)", rules, re.MULTILINE | re.DOTALL)
    named = {int(rule): re.findall(r"\[([\d, ]+)\]", text) for rule, text in numbered}
    return {rule: {int(each) for each in found[-1].split(",")} for rule, found in named.items() if found}


def _trace(name: str) -> Callable[[], None]:
    full = f"test_trace_{name}"
    test = next(getattr(module, full) for module in MODULES if hasattr(module, full))
    return (lambda: test(Story())) if inspect.signature(test).parameters else test
