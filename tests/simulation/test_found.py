"""What the random walks found, told as stories: each went wrong once."""

from infra.simulator.model import Fault
from tests.simulation.sim import ANNA, BEN
from tests.simulation.story import END, START, Story


def test_a_move_to_a_calendar_out_of_reach_ends_in_an_error_that_says_so(story: Story) -> None:
    story.synced(title="a0")
    story.crm.put("t1", calendar_id="nobody@group.calendar.google.com")

    story.sim.runner.run_all()

    error = story.task().sync.error
    assert error is not None
    assert (story.task().sync.state, error.code) == ("error", "calendar_gone")
    assert story.titles() == ("a0", "a0")


def test_a_task_that_leaves_for_another_account_before_its_first_insert_arrives_there(story: Story) -> None:
    story.sim.connect(story.tenant, "ben", BEN)
    story.crm.put("t1", title="a0", start=START, end=END)
    story.crm.put("t1", user_id="ben")

    story.settle()

    assert story.task().sync.connection == "c-ben"
    assert story.titles() == ("a0", "a0")


def test_a_task_put_again_for_another_user_after_a_person_deleted_its_event_goes_to_that_user(story: Story) -> None:
    story.sim.connect(story.tenant, "ben", BEN)
    story.synced(title="a0")
    story.crm.delete("t1")
    story.deletes()
    story.crm.put("t1", title="b0", start=START, end=END, user_id="ben")

    story.pulls()
    story.settle()

    assert (story.task().sync.connection, story.task().sync.calendar) == ("c-ben", BEN)
    assert story.titles() == ("b0", "b0")


def test_a_task_goes_to_the_other_users_default_calendar_not_to_the_one_it_was_in() -> None:
    story = Story(second=True)
    story.sim.connect(story.tenant, "ben", BEN)
    story.synced(title="a0", calendar_id=story.second)
    story.crm.put("t1", user_id="ben")

    story.settle()

    assert (story.task().sync.connection, story.task().sync.calendar) == ("c-ben", BEN)


def test_a_task_made_from_an_overtaken_page_of_an_event_that_is_gone_by_then_is_cancelled() -> None:
    story = Story(import_external="all")
    made = story.anna.create("g0", START, END)
    late = story.pulling().run_past("google.list")
    story.anna.delete(made["id"])
    story.pulls()

    late.finish()
    story.settle()

    assert [each.content.status for each in story.sim.tasks()] == ["cancelled"]


def test_a_cursor_is_saved_though_the_calendar_got_a_channel_meanwhile(story: Story) -> None:
    before = story.sim.shelf(ANNA, story.connection).sync_token
    story.anna.create("g0", START, END)
    late = story.pulling().run_until("store.commit")
    story.sim.open_channels()

    late.finish()

    shelf = story.sim.shelf(ANNA, story.connection)
    assert shelf.sync_token != before
    assert shelf.channel is not None


def test_a_superseded_event_is_not_edited_by_a_person_because_of_our_own_lines(story: Story) -> None:
    story.sim.connect(story.tenant, "ben", BEN)
    story.crm.put("t1", title="a0", start=START, end=END, type="meeting", notes="ours")
    late = story.next_sync().run_until("google.insert")
    story.crm.put("t1", user_id="ben")
    story.sim.runner.run_all()
    late.step()
    late.die()

    story.settle()

    assert story.anna.events() == []


def test_a_lost_answer_to_an_insert_makes_no_second_event(story: Story) -> None:
    story.sim.google.add_fault(Fault(effect="cut_after", method="POST", count=1))
    story.crm.put("t1", title="a0", start=START, end=END)

    story.settle()

    assert story.titles() == ("a0", "a0")
    assert len(story.anna.events()) == 1


def test_an_unseen_edit_of_an_event_that_a_person_moved_goes_with_its_task_to_another_account() -> None:
    story = Story(second=True)
    story.sim.connect(story.tenant, "ben", BEN)
    story.synced(title="a0")
    story.edits(location="g1")
    story.moves(story.second)
    story.crm.put("t1", user_id="ben")

    story.settle()

    assert story.task().sync.connection == "c-ben"
    assert story.event()["location"] == "g1"
    assert story.anna.events(calendar=story.second) == []


def test_a_task_whose_event_a_person_moved_goes_to_the_other_users_default_calendar() -> None:
    story = Story(second=True)
    story.sim.connect(story.tenant, "ben", BEN)
    story.synced(title="a0", calendar_id=None)
    story.moves(story.second)
    story.settle()
    story.crm.put("t1", user_id="ben", calendar_id=None)

    story.settle()

    assert (story.task().sync.connection, story.task().sync.calendar) == ("c-ben", BEN)


def test_the_feed_does_not_bring_a_deleted_task_back_because_its_event_was_moved() -> None:
    story = Story(second=True)
    story.synced(title="a0")
    story.crm.delete("t1")
    story.moves(story.second)

    story.pulls(story.second)
    story.settle()

    story.crm.read_whole_feed()
    assert "t1" not in story.crm.records
    assert story.anna.events(calendar=story.second) == []


def test_an_edit_between_two_users_first_pulls_of_one_meeting_is_no_conflict_with_its_own_past() -> None:
    story = Story(import_external="all", conflict="crm_wins")
    story.sim.connect(story.tenant, "ben", BEN)
    made = story.anna.create("g1", START, END, attendees=[{"email": BEN}])
    story.sim.pull(BEN, "c-ben")
    story.anna.edit(made["id"], summary="g2")
    story.pulls()

    story.settle()

    (task,) = story.sim.tasks()
    assert story.titles(task.id) == ("g2", "g2")


def test_an_old_page_does_not_end_the_doubt_that_a_newer_one_raised() -> None:
    story = Story(second=True)
    story.synced(title="a0")
    story.edits(summary="g1")
    late = story.pulling().run_past("google.list")
    story.deletes()
    story.pulls()

    late.finish()
    story.settle()

    assert story.task().content.status == "cancelled"
    assert story.event() == {}
