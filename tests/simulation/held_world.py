"""First contact that waits for a word: connections are held, looked at, and started by somebody, or nobody looked.

See `ContactChance`; whoever is still held in the end is started before the first judgement.
"""

from __future__ import annotations

from tests.simulation import acts_of_owners as owners
from tests.simulation.contact_world import ContactChance


class HeldChance(ContactChance):
    """The world of one seed: users connect, some of them on hold, while both sides are at work."""

    def end(self) -> None:
        """Everybody is started; then as ever."""
        for job in self.jobs:
            job.finish()
        owners.all_started(self)
        super().end()


HeldChance.actions = ContactChance.actions | {
    "connects_held": (6, owners.connects_held),
    "previews": (2, owners.previews),
    "starts": (4, owners.starts),
}
