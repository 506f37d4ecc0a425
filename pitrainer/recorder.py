"""What of a session goes into the journal, and when it begins and ends there.

A session begins with the second act and ends when the belt stands after its last step or after STOP; a pause or a
fault does not end it. Its times are seconds since it began. The wall clock is read only to name and date it.
"""

from __future__ import annotations

import time
from dataclasses import asdict

from pitrainer import sessions
from pitrainer import state as messages
from pitrainer.core.snapshot import snapshot
from pitrainer.core.state import Setup, State
from pitrainer.journal import Journal
from pitrainer.model import TICK_S, Notice, Phase, Reading

SAMPLE_S = 1.0


class Recorder:
    """Follows a controller's states into its journal."""

    def __init__(self, journal: Journal, *, simulated: bool) -> None:
        self.session_id: str | None = None
        """The present session's, or the last one's until another is loaded."""
        self._journal, self._simulated = journal, simulated
        self._recording = False
        self._started_s = self._sampled_s = 0.0
        self._id_ts = 0

    def follow(self, setup: Setup, before: State, after: State, *, leaving: bool) -> bool:
        """Begin or end the session as a tick has changed it. True: it has just ended."""
        was_recording = self._recording
        if after.phase is Phase.STARTING and not self._recording:
            self._begin(setup, after)
        if after.plan is not before.plan:
            self.end(setup, after, "left", last=before)
            self.session_id = None
        if after.phase is Phase.IDLE:
            self.end(setup, after, "left")
        if after.phase is Phase.DONE and not after.ours:
            finished = after.plan is not None and after.progress.index >= len(after.plan.steps)
            self.end(setup, after, "finished" if finished else "left" if leaving else "stopped")
        return was_recording and not self._recording

    def end(self, setup: Setup, state: State, reason: str, *, last: State | None = None) -> None:
        """End what is being recorded, if anything. `last`: its last state, where that is not the present one."""
        if self._recording:
            self._recording = False
            self._journal.end(self._t_s(state.now_s), reason, messages.summary(snapshot(setup, last or state)))

    def keep(self, setup: Setup, state: State, readings: list[Reading], notices: tuple[Notice, ...]) -> None:
        """One tick: everything that came in (from arming on), what happened, and a row once a second."""
        t_s = self._t_s(state.now_s)
        for reading in readings if self._recording or state.phase is Phase.ARMED else ():
            self._journal.incoming(t_s, type(reading).__name__, asdict(reading))
        for notice in notices:
            self._journal.event(t_s, notice.kind, notice.text)
        if self._recording and state.now_s - self._sampled_s >= SAMPLE_S - TICK_S / 2:
            self._sampled_s = state.now_s
            self._journal.sample(t_s, messages.row(snapshot(setup, state)))

    def _begin(self, setup: Setup, state: State) -> None:
        assert state.plan is not None
        self.session_id, self._recording, self._started_s = self._fresh_id(), True, state.now_s
        self._journal.begin(
            self.session_id,
            name=state.plan.name,
            plan=sessions.dumps_plan(state.plan),
            athlete=asdict(setup.athlete),
            started_ts=time.time(),
            simulated=self._simulated,
        )

    def _fresh_id(self) -> str:
        """The wall clock's, and another second where two sessions begin in one."""
        now_ts = int(time.time())
        self._id_ts = self._id_ts + 1 if 0 <= self._id_ts - now_ts < 60 else now_ts
        return time.strftime("%Y%m%d-%H%M%S", time.localtime(self._id_ts))

    def _t_s(self, now_s: float) -> float:
        return now_s - self._started_s
