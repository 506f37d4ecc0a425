"""Mailboxes between the drivers, the people and the tick: nothing here waits."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace

from pitrainer.core.state import Inputs
from pitrainer.model import Beat, Feedback, Intent, LinkState, MachineEvent, Reading, Verb

log = logging.getLogger(__name__)


class Inbox:
    """The newest beat and feedback win; events and intents queue until the next tick."""

    def __init__(self) -> None:
        self.beat: Beat | None = None
        self.feedback: Feedback | None = None
        self.links: dict[str, LinkState] = {}
        self.wake = asyncio.Event()
        self.unrecorded: list[Reading] = []
        self._events: list[MachineEvent] = []
        self._intents: list[Intent] = []

    def post(self, reading: Reading) -> None:
        """From a driver."""
        self.unrecorded.append(reading)
        if isinstance(reading, Beat):
            self.beat = reading
        elif isinstance(reading, Feedback):
            self.feedback = reading
        elif isinstance(reading, MachineEvent):
            self._events.append(reading)
        else:
            self._link(reading)

    def ask(self, intent: Intent) -> None:
        """From a person. STOP does not wait for the next beat of the clock."""
        self._intents.append(intent)
        if intent.verb is Verb.STOP:
            self.wake.set()

    def take(self) -> Inputs:
        inputs = Inputs(self.beat, self.feedback, tuple(self._events), tuple(self._intents))
        self._events.clear()
        self._intents.clear()
        return inputs

    def _link(self, link: LinkState) -> None:
        known = self.links.get(link.source)
        if known is not None and link.battery_pct is None:
            link = replace(link, battery_pct=known.battery_pct)
        if known is None or known.up is not link.up:
            what = f"connected to {link.name}" if link.up else f"not connected: {link.detail}"
            log.log(logging.INFO if link.up else logging.WARNING, "%s: %s", link.source, what)
        self.links[link.source] = link
