"""Traces 5 to 8 and 46: events deleted and wanted again, late inserts, copies, burnt ids."""

from tests.simulation.sim import ANNA
from tests.simulation.story import END, START, Story

NEW = {"title": "b0", "start": START, "end": END}


def test_trace_05_a_task_put_again_over_our_own_unconfirmed_delete_has_one_living_event(story: Story) -> None:
    story.synced(title="a0")
    story.crm.delete("t1")
    job = story.next_sync().run_past("google.delete")
    story.crm.put("t1", title="a0", start=START, end=END)
    job.die()

    story.pulls()
    story.settle()

    assert story.titles() == ("a0", "a0")
    assert story.task().content.status == "open"
    assert len(story.anna.events()) == 1


def test_trace_05_a_task_put_again_for_one_who_is_not_connected_is_not_cancelled_by_our_own_delete(
    story: Story,
) -> None:
    story.synced(title="a0")
    story.crm.delete("t1")
    job = story.next_sync().run_past("google.delete")
    story.crm.put("t1", title="a0", start=START, end=END, user_id="ben")
    job.die()

    story.pulls()
    story.settle()

    assert story.titles() == ("a0", "a0")
    assert story.task().content.status == "open"


def test_trace_05_a_task_put_again_before_the_delete_reached_google_keeps_its_one_event(story: Story) -> None:
    before = story.synced(title="a0").sync.event_id
    story.crm.delete("t1")
    job = story.next_sync().run_until("google.delete")
    story.crm.put("t1", **NEW)
    job.die()

    story.settle()

    assert story.task().sync.event_id == before
    assert len(story.anna.events()) == 1


def test_trace_06_a_late_insert_makes_no_second_event_of_a_task_that_was_put_again(story: Story) -> None:
    story.crm.put("t1", title="a0", start=START, end=END)
    late = story.next_sync().run_until("google.insert")
    story.crm.delete("t1")
    story.next_sync().finish()
    story.crm.put("t1", **NEW)
    story.next_sync().finish()
    late.step()
    late.die()

    story.settle()

    assert story.titles() == ("b0", "b0")
    assert len(story.anna.events()) == 1


def test_trace_06_a_late_insert_of_an_earlier_generation_is_taken_away(story: Story) -> None:
    story.sim.connect(story.tenant, "ben", "ben@example.com")
    story.crm.put("t1", title="a0", start=START, end=END)
    late = story.next_sync().run_until("google.insert")
    story.crm.put("t1", user_id="ben")
    story.sim.runner.run_all()
    late.step()
    late.die()

    story.settle()

    assert story.task().sync.connection == "c-ben"
    assert story.titles() == ("a0", "a0")
    assert story.anna.events() == []


def test_trace_06_a_late_insert_that_a_person_edited_is_left_to_that_person(story: Story) -> None:
    story.sim.connect(story.tenant, "ben", "ben@example.com")
    old_id = str(story.crm.put("t1", title="a0", start=START, end=END).sync.event_id)
    late = story.next_sync().run_until("google.insert")
    story.crm.put("t1", user_id="ben")
    story.sim.runner.run_all()
    late.step()
    late.die()
    story.anna.edit(old_id, summary="mine")

    story.settle()

    left = story.anna.events()
    assert [(each["id"], each["summary"]) for each in left] == [(old_id, "mine")]
    assert "tandem" not in left[0].get("extendedProperties", {}).get("private", {})
    assert story.titles() == ("a0", "a0")


def test_trace_07_a_late_insert_does_not_undo_a_deletion(story: Story) -> None:
    story.crm.put("t1", title="a0", start=START, end=END)
    late = story.next_sync().run_until("google.insert")
    story.crm.delete("t1")
    story.next_sync().finish()
    late.step()
    late.die()

    story.pulls()
    story.settle()

    assert story.task().deleted_at is not None
    assert story.anna.events() == []


def test_trace_08_a_copy_made_by_a_person_stays_hers(story: Story) -> None:
    story.synced(title="a0")
    original = story.event()
    copy = story.anna.create("a0", START, END, extendedProperties=original["extendedProperties"])
    story.crm.delete("t1")

    story.pulls()
    story.settle()

    assert [each["id"] for each in story.anna.events()] == [copy["id"]]
    assert [each.id for each in story.sim.tasks()] == ["t1"]


def test_trace_08_a_copy_is_imported_as_any_other_event() -> None:
    story = Story(import_external="all")
    story.synced(title="a0")
    original = story.event()
    copy = story.anna.create("a0", START, END, extendedProperties=original["extendedProperties"])
    story.crm.delete("t1")

    story.settle()

    imported = [each for each in story.sim.tasks() if each.id != "t1"]
    assert [each.sync.event_id for each in imported] == [copy["id"]]


def test_trace_46_a_task_whose_tombstone_was_purged_gets_a_new_event(story: Story) -> None:
    first = story.synced(title="a0").sync.event_id
    story.crm.delete("t1")
    story.next_sync().run_past("google.delete").die()
    story.sim.google.empty_trash(ANNA)
    story.crm.put("t1", **NEW)

    story.settle()

    assert story.titles() == ("b0", "b0")
    assert story.task().sync.event_id != first
    assert len(story.anna.events()) == 1


def test_trace_46_an_insert_under_an_id_that_was_purged_goes_on_with_the_next(story: Story) -> None:
    first = str(story.crm.put("t1", title="a0", start=START, end=END).sync.event_id)
    story.next_sync().run_past("google.insert").die()
    story.anna.delete(first)
    story.sim.google.empty_trash(ANNA)

    story.settle()

    assert story.titles() == ("a0", "a0")
    assert story.task().sync.event_id != first
