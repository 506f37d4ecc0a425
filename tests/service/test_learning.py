"""What a session has learned of the heart outlives it, one file per athlete, and never stands in the way."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from service_kit import HOUR, World, play

from pitrainer.core.learned import LearnedHeart
from pitrainer.learning import Learning
from pitrainer.model import Phase, Verb

KNOWN = LearnedHeart(1.2, -3.0, (0.2, 0.5, 0.2, 0.1), 1.8, 1500.0)


def test_what_was_kept_is_known_again(tmp_path: Path) -> None:
    Learning(tmp_path, "Runner One").keep(KNOWN)
    assert Learning(tmp_path, "runner one").load() == KNOWN
    assert Learning(tmp_path, "another").load() is None


@pytest.mark.parametrize("broken", ["", "{", "[]", "null", '{"v": 2}', '{"v": 1, "gain_ratio": "much"}', "[" * 5000])
def test_a_broken_file_is_put_aside_and_the_start_is_without_it(tmp_path: Path, broken: str) -> None:
    learning = Learning(tmp_path, "")
    learning.path.write_text(broken)
    assert learning.load() is None
    assert not learning.path.exists()
    assert learning.path.with_suffix(".bad").read_text() == broken


def test_a_disk_that_refuses_is_nobodys_problem(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("")
    Learning(tmp_path / "file", "").keep(KNOWN)
    assert "could not be kept" in caplog.text


def test_forgetting_leaves_nothing(tmp_path: Path) -> None:
    learning = Learning(tmp_path, "")
    learning.keep(KNOWN)
    assert learning.forget() is True
    assert learning.forget() is False
    assert learning.load() is None


def test_a_long_session_teaches_and_a_short_one_does_not(tmp_path: Path) -> None:
    learning = Learning(tmp_path / "state", "Walker")

    async def script(world: World) -> None:
        world.controller.learning = learning
        await world.stroll(for_s=120.0)
        world.ask(Verb.STOP)
        await world.until(lambda: world.phase() is Phase.DONE and not world.controller.state.ours)
        await asyncio.sleep(1.0)
        assert learning.load() is None
        await world.start(HOUR)
        await asyncio.sleep(1500.0)
        world.ask(Verb.STOP)
        await world.until(lambda: world.phase() is Phase.DONE and not world.controller.state.ours)
        await asyncio.sleep(1.0)
        used, kept = world.controller.setup.learned, learning.load()
        assert used is not None and kept is not None
        assert used.gain_ratio == pytest.approx(kept.gain_ratio, abs=1e-3)

    play(tmp_path, script)
    assert json.loads(learning.path.read_text())["heard_s"] > 1000
