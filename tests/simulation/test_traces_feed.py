"""Traces 18 to 20: whole-record writes, the order of the feed, and deliveries that overtake each other."""

from shared.model.ids import change_path
from shared.usecases.feed import read_changes
from tests.simulation.crm import heard
from tests.simulation.memory_store import MemoryStore
from tests.simulation.story import Story


def test_trace_18_a_stale_whole_record_does_not_undo_what_google_changed(story: Story) -> None:
    story.synced(title="a0")
    story.edits(summary="g1")
    story.pulls()
    story.crm.put_whole("t1", location="f1")

    story.settle()

    assert story.titles() == ("g1", "g1")
    assert story.event()["location"] == "f1"


def test_trace_18_putting_a_value_back_after_reading_the_feed_is_an_edit(story: Story) -> None:
    story.synced(title="a0")
    story.edits(summary="g1")
    story.pulls()
    story.crm.read_whole_feed()
    story.crm.put_whole("t1", title="a0")

    story.settle()

    assert story.titles() == ("a0", "a0")


def test_trace_18_a_record_with_an_earlier_change_of_googles_does_not_undo_a_later_one(story: Story) -> None:
    story.synced(title="a0")
    story.edits(summary="g1")
    story.pulls()
    story.crm.read_feed()  # applied, but not read on past
    story.edits(summary="g2")
    story.pulls()
    story.crm.put_whole("t1", location="f1")

    story.settle()

    assert story.titles() == ("g2", "g2")


def test_trace_18_a_stale_record_does_not_keep_a_later_edit_from_being_one(story: Story) -> None:
    story.synced(title="a0")
    story.edits(summary="g1")
    story.pulls()
    story.crm.put_whole("t1", location="f1")
    story.crm.read_whole_feed()
    story.crm.put_whole("t1", title="a0")

    story.settle()

    assert story.titles() == ("a0", "a0")


def test_trace_19_a_change_that_becomes_visible_late_is_still_delivered() -> None:
    story = Story(horizon_s=10.0)
    store = story.sim.store
    story.crm.put("t1", title="a0")
    story.crm.put("t2", title="b0")
    late = next(each for each in _changes(store) if each.endswith(_id_of(story, "t1")))
    store.invisible.add(late)
    story.crm.read_whole_feed()
    store.invisible.clear()
    story.later(11)

    story.crm.read_whole_feed()

    assert [each.task_id for each in story.crm.heard] == ["t1", "t2"]


def test_trace_20_deliveries_that_overtake_each_other_end_on_the_newest_value(story: Story) -> None:
    story.synced(title="a0")
    for title in ("g1", "g2"):
        story.edits(summary=title)
        story.pulls()
    page = read_changes(story.sim.world, story.tenant, include_crm=True)

    for change in reversed(page.changes):  # the slow deliverer's come last
        story.crm.apply(heard(change))

    assert story.crm.records["t1"]["title"] == "g2"


def test_trace_20_a_change_from_google_does_not_overtake_the_crms_newer_write(story: Story) -> None:
    story.synced(title="a0")
    story.edits(summary="g1")
    story.pulls()
    late = read_changes(story.sim.world, story.tenant).changes[-1]
    story.crm.put("t1", title="c2")

    story.crm.apply(heard(late))

    assert story.crm.records["t1"]["title"] == "c2"


def _changes(store: MemoryStore) -> list[str]:
    return [each.path for each in store.every() if "/changes/" in each.path]


def _id_of(story: Story, task: str) -> str:
    found = [each for each in story.sim.store.every() if each.data.get("task_id") == task and "/changes/" in each.path]
    return change_path(story.tenant, str(found[0].data["id"])).rpartition("/")[2]
