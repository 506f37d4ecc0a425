"""The controller's own command line, with an eye on the treadmill's door: each STOP that a tick took prints the
CLOCK_MONOTONIC nanoseconds at which that tick's command was handed to the machine. Used by `stop_latency.py`.

    python bench/watched_controller.py run --config FILE
"""

from __future__ import annotations

import time
from unittest.mock import patch

from pitrainer.cli import main
from pitrainer.core.state import Inputs
from pitrainer.drivers.simulated import SimulatedHardware
from pitrainer.inbox import Inbox
from pitrainer.model import Command, Verb

stops: list[str] = []
take, apply = Inbox.take, SimulatedHardware.apply


def watched_take(inbox: Inbox) -> Inputs:
    inputs = take(inbox)
    stops.extend(intent.id for intent in inputs.intents if intent.verb is Verb.STOP)
    return inputs


def watched_apply(hardware: SimulatedHardware, command: Command) -> None:
    apply(hardware, command)
    now_ns = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
    for identity in stops:
        print("STOP", identity, now_ns, command.belt.value)
    stops.clear()


if __name__ == "__main__":
    with patch.object(Inbox, "take", watched_take), patch.object(SimulatedHardware, "apply", watched_apply):
        main()
