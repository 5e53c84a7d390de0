"""Jobs that stop at every port call, so that a test can run others in between, kill them there, or let them go on.

One thread: a job is a greenlet that hands the control back before and after each effect. Start at `Job`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeVar

from greenlet import greenlet

from shared.errors import GoogleUnavailable, StoreUnavailable, TandemError

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class Crash(BaseException):
    """The process died here: nothing that follows in the job happens, no handler of its own runs on."""


class StoryBroken(Exception):
    """The test tells of a call that never comes; that says nothing about the product."""


@dataclass(frozen=True, slots=True)
class Point:
    """Where a job stands: before or after the effect of one port call, such as `google.patch`."""

    call: str
    after: bool = False

    def __str__(self) -> str:
        return f"{'after' if self.after else 'before'} {self.call}"


class Stage:
    """Knows whose turn it is. Calls made by nobody's job happen at once."""

    def __init__(self) -> None:
        self.current: Job | None = None
        self.calls = 0

    def call(self, name: str, effect: Callable[[], T]) -> T:
        """The effect of one port call, made when the job at work may go on."""
        job = self.current
        self.calls += 1
        if job is None:
            return effect()
        job.stand(Point(name))
        trouble, job.trouble = job.trouble, None
        if trouble == "refused":
            raise _unavailable(name)
        result = effect()
        if trouble == "answer_lost":
            raise _unavailable(name)
        job.stand(Point(name, after=True))
        return result


def _unavailable(call: str) -> TandemError:
    """What the port's adapter raises when nobody answers."""
    if call.startswith(("store.", "queue.")):
        return StoreUnavailable("no answer came")
    return GoogleUnavailable("no answer came")


class Job:
    """One run of a use case.

    Args:
        stage: Where it plays.
        name: For messages.
        work: Gives the outcome.
        ended: Told once, when it is over: whether it answered well.
    """

    def __init__(
        self, stage: Stage, name: str, work: Callable[[], object], ended: Callable[[bool], None] | None = None
    ) -> None:
        self.name = name
        self.outcome: object = None
        self.error: TandemError | None = None
        self.fault: Exception | None = None
        self.at: Point | None = None
        self.passed: list[str] = []
        self.trouble: Literal["refused", "answer_lost"] | None = None
        """What becomes of the call that it stands before."""
        self.skew_s = 0.0
        """How far the clock of the instance that runs it is ahead."""
        self.over = False
        self._stage = stage
        self._work = work
        self._ended = ended
        self._dying = False
        self._player = greenlet(self._play)
        self._home = greenlet.getcurrent()

    def step(self) -> Point | None:
        """The job goes on to the next point; None when it is over."""
        if self.over:
            return None
        outer, self._stage.current = self._stage.current, self
        self._home = self._player.parent = greenlet.getcurrent()
        try:
            self._player.switch()
        finally:
            self._stage.current = outer
        if self._player.dead and not self.over:
            self.over, self.at = True, None
            if self._ended is not None:
                self._ended(not self._dying and self.error is None)
        if self.fault is not None:
            raise self.fault
        return self.at

    def run_until(self, call: str) -> Job:
        """The job stands just before its next such call (`google.patch`)."""
        return self._run_to(Point(call))

    def run_past(self, call: str) -> Job:
        """The job stands just after the effect of its next such call."""
        return self._run_to(Point(call, after=True))

    def die(self) -> None:
        """The process that ran it dies here; its queue will send the job again."""
        if not self.over:
            self._dying = True
            self.step()

    def lose_answer(self) -> Job:
        """The call that it stands before has its effect, and the job learns only that no answer came."""
        return self._troubled("answer_lost")

    def refuse_call(self) -> Job:
        """The call that it stands before finds nobody there."""
        return self._troubled("refused")

    def finish(self) -> object:
        """The job runs to its end; its outcome, or the error that its queue would see."""
        while self.step() is not None:
            pass
        return self.error if self.error is not None else self.outcome

    def stand(self, point: Point) -> None:
        """Called by the stage, inside the job: wait for the next step."""
        self.at = point
        if point.after:
            self.passed.append(point.call)
        self._home.switch()
        if self._dying:
            raise Crash

    def _troubled(self, trouble: Literal["refused", "answer_lost"]) -> Job:
        if self.at is None or self.at.after:
            raise StoryBroken(f"{self.name} stands before no call")
        self.trouble = trouble
        return self

    def _run_to(self, wanted: Point) -> Job:
        while self.step() != wanted:
            if self.over:
                raise StoryBroken(f"{self.name} ended ({self.error or self.outcome}) and never stood {wanted}")
        return self

    def _play(self) -> None:
        try:
            self.outcome = self._work()
        except TandemError as error:
            self.error = error
        except Crash:
            self.outcome = "died"
        except Exception as fault:  # noqa: BLE001 - it is raised again where the test can see it
            self.fault = fault
