"""The controller: opens, wires together, ticks, always halts.

One TaskGroup holds the strap, the broker's link and nothing else; the tick runs beside them at 4 Hz and is the only
caller of `machine.apply`, with only what the supervisor let through. The machine's context lies outside the group,
so the belt is halted after every task is gone, whatever ended them. A STOP wakes the tick at once. Nothing in a
tick waits: the broker's link, the journal and the drivers take what they are given and return.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from pitrainer import sessions, systemd
from pitrainer import state as messages
from pitrainer.core.engine import advance
from pitrainer.core.observer import learned_from
from pitrainer.core.safety import STANDS_KMH, slowed
from pitrainer.core.snapshot import Snapshot, snapshot
from pitrainer.core.state import Setup, State
from pitrainer.drivers.ports import Machine, Source
from pitrainer.inbox import Inbox
from pitrainer.journal import Journal
from pitrainer.learning import LEAST_S, Learning
from pitrainer.model import (
    LEAVE,
    TICK_S,
    Answer,
    Belt,
    Command,
    Intent,
    LinkState,
    Notice,
    Phase,
    Plan,
    Verb,
)
from pitrainer.mqtt import ControllerLink, Order
from pitrainer.recorder import Recorder

HALT_MOST_S = 20.0
QUIET_EVERY_S = 5.0
LOOK_EVERY_S = 1.0

log = logging.getLogger(__name__)


class Controller:
    """State, and what a tick does with it. `deeds` are the hands of simulated hardware, else None."""

    def __init__(
        self,
        setup: Setup,
        machine: Machine,
        strap: Source,
        journal: Journal,
        *,
        session_directories: tuple[Path, ...],
        marker: Path,
        deeds: Callable[[str], None] | None = None,
        learning: Learning | None = None,
    ) -> None:
        self.setup, self.machine, self.strap = setup, machine, strap
        self.inbox = Inbox()
        self.state = State(now_s=0.0)
        self.link: ControllerLink | None = None
        self.deeds = deeds
        self.recorder = Recorder(journal, simulated=deeds is not None)
        self._directories, self._marker = session_directories, marker
        self.learning = learning
        self._leaving = False
        self._seq = 0
        self._published_s = self._looked_s = 0.0
        self._published: object = None

    # -- from people

    def deliver(self, order: Order) -> None:
        """An order from the broker becomes an intent; a session's name becomes its plan."""
        plan = None
        if order.cmd is Verb.LOAD:
            try:
                plan = self.plan(order.session or "")
            except (sessions.SessionError, OSError, ValueError) as error:
                self._answer(Answer(order.id, False, str(error)))
                return
        self.inbox.ask(Intent(order.cmd, order.id, plan, order.incline_pct, order.speed_kmh))

    def plan(self, name: str) -> Plan:
        """The session of that name for this athlete. Raises SessionError, or OSError with the names there are."""
        return sessions.load(sessions.find(name, self._directories), athlete=self.setup.athlete)

    # -- the tick

    async def run(self, leave: asyncio.Event) -> None:
        """Serve until `leave` is set, then bring the belt to rest. Whatever ends this, the belt is halted."""
        self.machine.attach(self.inbox.post)
        loop = asyncio.get_running_loop()
        self.state = State(now_s=loop.time())
        async with self.machine:
            try:
                async with asyncio.TaskGroup() as tasks:
                    others = [tasks.create_task(self.strap.run(self.inbox.post))]
                    if self.link is not None:
                        others.append(tasks.create_task(self.link.run()))
                    systemd.ready("Waiting for a session.")
                    await self._keep_time(leave)
                    for task in others:
                        task.cancel()
            finally:
                systemd.stopping()
                await self._halt()
                self.recorder.end(self.setup, self.state, "left")

    async def _keep_time(self, leave: asyncio.Event) -> None:
        loop = asyncio.get_running_loop()
        next_s, leave_by_s = loop.time() + TICK_S, None
        while True:
            try:
                async with asyncio.timeout_at(next_s):
                    await self.inbox.wake.wait()
            except TimeoutError:
                next_s = max(next_s + TICK_S, loop.time())
            self.inbox.wake.clear()
            now_s = loop.time()
            self.tick(now_s)
            if leave.is_set():
                leave_by_s = leave_by_s or self._begin_leaving(now_s)
                if not self.state.ours or now_s > leave_by_s:
                    return

    def _begin_leaving(self, now_s: float) -> float:
        self._leaving = True
        self.inbox.ask(Intent(Verb.STOP))
        return now_s + HALT_MOST_S

    def tick(self, now_s: float) -> None:
        """One beat of the clock. Awaits nothing."""
        if self.machine.limits != self.setup.limits:
            self.setup = replace(self.setup, limits=self.machine.limits)
        before, outcome = self.state, advance(self.setup, self.state, self.inbox.take(), now_s)
        after = self.state = outcome.state
        self._mark(before.ours, after.ours)
        self.machine.apply(after.command)
        if self.recorder.follow(self.setup, before, after, leaving=self._leaving):
            self._learn(before)
        self.recorder.keep(self.setup, after, self.inbox.unrecorded, outcome.notices)
        self.inbox.unrecorded.clear()
        for answer in outcome.answers:
            self._answer(answer)
        for notice in outcome.notices:
            self._tell(notice)
        self._publish(now_s, before)
        systemd.watchdog()

    def _learn(self, last: State) -> None:
        """Keep what the session that has just ended has shown of the heart."""
        if self.learning is None or last.bank is None or last.bank.heard_s < LEAST_S:
            return
        learned = learned_from(last.bank, self.setup.learned)
        self.setup = replace(self.setup, learned=learned)
        self.learning.keep(learned)

    def _mark(self, before: bool, after: bool) -> None:
        """A file that exists while the belt is ours: who finds it after a crash knows that it may still move."""
        if before == after:
            return
        try:
            self._marker.touch() if after else self._marker.unlink(missing_ok=True)
        except OSError as error:
            log.warning("cannot keep %s: %s", self._marker, error)

    async def _halt(self) -> None:
        """After every task is gone: ramp down what is still ours. Bounded; silent to a belt that is not ours. The
        watchdog is fed as by the tick, or systemd would end us in mid-ramp."""
        loop = asyncio.get_running_loop()
        until_s = loop.time() + HALT_MOST_S
        speed = self.state.memory.speed_kmh
        while self.state.ours and loop.time() < until_s:
            speed = slowed(speed, TICK_S)
            self.machine.apply(Command(Belt.STOP, speed if speed >= self.setup.limits.speed_min_kmh else 0.0))
            systemd.watchdog()
            await asyncio.sleep(TICK_S)
            if speed == 0.0 and self._seen_standing(loop.time()):
                break
        if self._seen_standing(loop.time()):  # else the mark stays, and `pitrainer halt` tries again from outside
            self._mark(True, False)
        self.machine.apply(LEAVE)

    def _seen_standing(self, now_s: float) -> bool:
        seen = self.inbox.feedback
        return (
            seen is not None and seen.speed_kmh is not None and seen.speed_kmh < STANDS_KMH and now_s - seen.at_s < 2.0
        )

    # -- the broadcast

    def _tell(self, notice: Notice) -> None:
        if notice.text:
            log.info("%s: %s", notice.kind, notice.text)
        if self.link is not None and not notice.kind.endswith("_over"):
            elapsed = round(self.state.progress.elapsed_s, 1)
            self.link.offer_event({"event_type": notice.kind, "text": notice.text, "elapsed_s": elapsed})

    def _answer(self, answer: Answer) -> None:
        if answer.id and self.link is not None:
            self.link.offer_answer(answer)

    def _publish(self, now_s: float, before: State) -> None:
        if self.link is None:
            return
        reloaded = self.state.plan is not before.plan
        if reloaded and self.state.plan is not None:
            self.link.offer_plan(sessions.dumps_plan(self.state.plan))
        at_once = reloaded or self.state.phase is not before.phase
        lively = self.state.ours or self.state.belt.moving or self.state.phase is Phase.ARMED or at_once
        if not lively and now_s - self._looked_s < LOOK_EVERY_S - TICK_S / 2:
            return
        self._looked_s = now_s
        seen = snapshot(self.setup, self.state)
        face = _face(seen, self.inbox.links)
        if lively or face != self._published or now_s - self._published_s >= QUIET_EVERY_S:
            self._send(seen, self.link)
            self._published, self._published_s = face, now_s

    def _send(self, seen: Snapshot, link: ControllerLink) -> None:
        self._seq += 1
        message = messages.message(seen, self.setup, self.inbox.links, session_id=self.recorder.session_id)
        link.offer_state({"seq": self._seq, "simulated": self.deeds is not None, **message})


def _face(seen: Snapshot, links: dict[str, LinkState]) -> object:
    """What must change for a quiet state to be sent again."""
    return (seen.phase, seen.causes, seen.hr_bpm, seen.session, seen.can, seen.incline_pct, tuple(links.values()))
