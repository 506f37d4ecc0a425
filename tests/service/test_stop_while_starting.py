"""A STOP between the command to start and the belt's first movement: the machine has been told to start, its belt
still stands, and that must not pass for rest."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from service_kit import World, play

from pitrainer.model import Belt, Phase, Verb

RAMP_MOST_S = 12.0


@pytest.mark.parametrize("after_s", [0.0, 0.5, 1.0, 1.5, 2.0, 3.0])
def test_a_stop_while_the_belt_is_still_starting_brings_it_to_rest_too(tmp_path: Path, after_s: float) -> None:
    async def script(world: World) -> None:
        await world.ready()
        world.ask(Verb.ARM)
        await world.until(lambda: world.phase() is Phase.ARMED)
        world.ask(Verb.START)
        await world.until(lambda: world.hardware.sent[-1].command.belt is Belt.START)
        await asyncio.sleep(after_s)
        world.ask(Verb.STOP)
        await asyncio.sleep(RAMP_MOST_S)
        assert world.now.speed_kmh == 0.0
        await asyncio.sleep(RAMP_MOST_S)
        assert world.now.speed_kmh == 0.0

    play(tmp_path, script)
