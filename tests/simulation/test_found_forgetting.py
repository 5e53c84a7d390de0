"""What a deployment found under load, told as a story: a batch that was being made while its person was erased."""

from shared.usecases.runs.runs import start_run
from shared.webhooks.manage import set_webhook
from tests.simulation.consenting import connect_anew
from tests.simulation.sim import ANNA
from tests.simulation.story import Story


def test_a_batch_that_is_being_made_while_its_person_is_erased_is_not_stored(story: Story) -> None:
    sim = story.sim
    set_webhook(sim.world, story.tenant, "https://crm.acme.example/changes")
    sim.receiver.crms["https://crm.acme.example/changes"] = story.crm
    story.synced()
    story.edits(summary="a word of hers")
    story.pulls()
    sim.clock.advance(60)
    deliverer = sim.job("deliver_changes", tenant=story.tenant).run_until("store.commit")

    start_run(sim.world, story.tenant, kind="erase", user="anna", options={"events": "delete"})
    while any(run.state == "running" for run in sim.runs(story.tenant)):
        sim.runner.take("run_step").finish()
    sim.receiver.moods = ["fails"] * 20
    deliverer.finish()

    left = [each.path for each in sim.store.every() if "a word of hers" in repr(each.data) or "anna" in repr(each.data)]
    assert left == []


def test_a_late_job_of_an_erasure_does_not_end_the_connection_of_a_person_who_came_back(story: Story) -> None:
    sim = story.sim
    start_run(sim.world, story.tenant, kind="erase", user="anna", options={"events": "keep"})
    (run,) = sim.runs(story.tenant)
    late = sim.job("run_step", tenant=story.tenant, run=run.id).run_past("store.get_many")
    sim.runner.settle()
    again, _ = connect_anew(sim.world, sim.google, story.tenant, "anna", ANNA)
    sim.accounts[again] = ANNA

    late.finish()
    story.synced(user_id="anna")

    assert {each.id: each.status for each in sim.connections(story.tenant)} == {again: "active"}
    assert story.task().sync.connection == again
