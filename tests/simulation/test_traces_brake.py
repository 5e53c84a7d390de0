"""Traces 43 and 44: the stop before a mass change."""

from shared.model.connection import Connection
from shared.model.ids import connection_path
from shared.model.stored import read_as
from shared.usecases.connecting.change_connection import change_connection
from shared.usecases.runs.connection_runs import review
from shared.usecases.tenants import patch_tenant
from tests.simulation.sim import ANNA
from tests.simulation.story import END, START, Story

MANY = 12


def _held() -> Story:
    """A dozen events were deleted at once, and the brake holds."""
    story = Story()
    for number in range(MANY):
        story.crm.put(f"t{number}", title=f"a{number}", start=START, end=END)
    story.settle()
    for number in range(MANY):
        story.deletes(f"t{number}")
    story.pulls()
    return story


def _status(story: Story) -> str:
    return _connection(story).status


def _connection(story: Story) -> Connection:
    path = connection_path(story.tenant, story.connection)
    document = story.sim.store.get_many([path])[path]
    assert document is not None
    return read_as(Connection, document)


def test_trace_43_a_mass_deletion_is_held_and_nothing_is_carried_out() -> None:
    story = _held()

    assert _status(story) == "needs_review"
    assert {each.content.status for each in story.sim.tasks()} == {"open"}


def test_trace_43_while_held_a_second_pull_carries_nothing_out() -> None:
    story = _held()

    story.pulls()
    story.sim.runner.settle()

    assert {each.content.status for each in story.sim.tasks()} == {"open"}


def test_trace_43_what_google_has_never_had_is_no_mass_deletion(story: Story) -> None:
    for number in range(MANY):
        story.crm.put(f"t{number}", title=f"a{number}", start=START, end=END)
    story.sim.google.expire_sync_tokens(ANNA)

    story.pulls()

    assert _status(story) == "active"


def test_trace_43_a_pull_of_another_calendar_does_not_replace_the_list_that_is_held() -> None:
    story = Story(second=True)
    for number in range(MANY):
        story.crm.put(f"t{number}", title="a", start=START, end=END)
        story.crm.put(f"s{number}", title="a", start=START, end=END, calendar_id=story.second)
    story.settle()
    for number in range(MANY):
        story.deletes(f"t{number}")
        story.anna.delete(str(story.task(f"s{number}").sync.event_id), calendar=story.second)
    late = story.pulling(story.second).run_past("google.list")
    story.pulls()
    held = _connection(story).review

    late.finish()

    assert held is not None
    assert _connection(story).review == held


def test_trace_44_what_a_person_restored_meanwhile_is_not_deleted_by_the_confirmation() -> None:
    story = _held()
    story.restores("t0")

    review(story.sim.world, story.tenant, story.connection, "confirm")
    story.settle()

    assert story.titles("t0") == ("a0", "a0")
    assert {each.id for each in story.sim.tasks() if each.content.status == "open"} == {"t0"}


def test_trace_44_what_the_crm_edited_meanwhile_is_not_deleted_by_the_confirmation() -> None:
    story = _held()
    story.crm.put("t0", title="c0")

    review(story.sim.world, story.tenant, story.connection, "confirm")
    story.settle()

    assert story.titles("t0") == ("c0", "c0")
    assert {each.id for each in story.sim.tasks() if each.content.status == "open"} == {"t0"}


def test_trace_44_what_is_discarded_stands_in_google_again() -> None:
    story = _held()

    review(story.sim.world, story.tenant, story.connection, "discard")
    story.settle()

    assert {each.content.status for each in story.sim.tasks()} == {"open"}
    assert len(story.anna.events()) == MANY


def test_trace_43_while_held_what_the_crm_asks_for_by_name_goes_on() -> None:
    story = _held()
    story.crm.put("new", title="n0", start=START, end=END)
    story.sim.runner.settle()

    assert story.titles("new") == ("n0", "n0")


def _full() -> Story:
    """A dozen tasks have their events, which no pull has shown yet."""
    story = Story()
    for number in range(MANY):
        story.crm.put(f"t{number}", title=f"a{number}", start=START, end=END)
        story.next_sync(f"t{number}").finish()
    return story


def _nothing_goes_out_any_more(story: Story) -> None:
    changed = {"direction": "from_google"}
    change_connection(story.sim.world, story.tenant, story.connection, settings=changed, paused=None)


def test_trace_43_jobs_that_meet_changed_settings_before_these_are_weighed_remove_nothing() -> None:
    story = _full()

    _nothing_goes_out_any_more(story)
    for number in range(MANY):
        story.crm.put(f"t{number}", notes="c1")
        story.next_sync(f"t{number}").finish()
    story.pulls()
    story.sim.runner.run_all()

    assert _status(story) == "needs_review"
    assert len(story.anna.events()) == MANY


def test_trace_43_while_changed_settings_are_held_an_edited_event_stays_and_its_edit_is_taken() -> None:
    story = _full()
    story.settle()
    _nothing_goes_out_any_more(story)
    story.sim.runner.run_all()

    story.edits("t0", summary="g0")
    story.pulls()
    story.sim.runner.run_all()

    assert _status(story) == "needs_review"
    assert story.titles("t0") == ("g0", "g0")


def test_trace_43_changed_settings_that_a_tenants_defaults_bring_wait_as_well() -> None:
    story = _full()
    story.settle()
    patch_tenant(story.sim.world, story.tenant, {"settings": {"direction": "from_google"}})
    story.sim.runner.run_all()

    story.edits("t0", summary="g0")
    story.pulls()
    story.sim.runner.run_all()

    assert _status(story) == "needs_review"
    assert len(story.anna.events()) == MANY


def test_trace_44_changed_settings_act_once_they_are_confirmed() -> None:
    story = _full()
    _nothing_goes_out_any_more(story)
    story.sim.runner.run_all()

    review(story.sim.world, story.tenant, story.connection, "confirm")
    story.settle()

    assert story.anna.events() == []
    assert _connection(story).settings_before is None


def test_trace_44_discarded_settings_leave_everything_as_it_was() -> None:
    story = _full()
    _nothing_goes_out_any_more(story)
    story.sim.runner.run_all()

    review(story.sim.world, story.tenant, story.connection, "discard")
    story.settle()

    assert len(story.anna.events()) == MANY
    assert (_connection(story).settings, _connection(story).settings_before) == ({}, None)


def test_trace_44_settings_changed_while_something_else_is_held_act_after_the_decision() -> None:
    story = _held()
    story.crm.put("new", title="n0", start=START, end=END)
    story.sim.runner.settle()

    _nothing_goes_out_any_more(story)
    story.sim.runner.run_all()
    assert "n0" in {each["summary"] for each in story.anna.events()}
    review(story.sim.world, story.tenant, story.connection, "confirm")
    story.settle()

    assert story.anna.events() == []
    assert _status(story) == "active"


def test_trace_43_settings_changed_while_paused_are_weighed_when_the_connection_goes_on() -> None:
    story = _full()
    change_connection(story.sim.world, story.tenant, story.connection, settings={}, paused=True)
    _nothing_goes_out_any_more(story)

    change_connection(story.sim.world, story.tenant, story.connection, settings={}, paused=False)
    story.pulls()
    story.sim.runner.run_all()

    assert _status(story) == "needs_review"
    assert len(story.anna.events()) == MANY


def test_trace_44_discarded_settings_send_new_tasks_where_they_went_before() -> None:
    story = _full()
    changed = {"direction": "from_google", "calendar_id": story.second}
    change_connection(story.sim.world, story.tenant, story.connection, settings=changed, paused=None)
    story.sim.runner.run_all()

    review(story.sim.world, story.tenant, story.connection, "discard")
    story.settle()
    new = story.synced("new")

    assert new.sync.calendar == ANNA
