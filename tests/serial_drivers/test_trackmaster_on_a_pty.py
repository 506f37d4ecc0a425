"""The whole way: driver, pyserial with its threads, a pty, the virtual machine. Time runs four times as fast."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from rig import Rig, entered, now_s

from pitrainer.drivers.treadmill_serial import TrackmasterProfile, on_port
from pitrainer.model import Belt, Command
from pitrainer.sim.clock import ScaledLoop, run
from pitrainer.sim.serial.stand import Stand
from pitrainer.sim.serial.trackmaster import TrackmasterMachine
from pitrainer.wire.trackmaster import Op

FASTER = 4.0


class PtyRig(Rig):
    stand: Stand
    virtual: TrackmasterMachine
    name: Path

    def pull(self) -> None:
        self.stand.unplug()
        self.name.unlink()

    def put(self) -> None:
        self.stand.plug()
        self.name.symlink_to(self.stand.path)


def tell(story: Callable[[PtyRig], Awaitable[None]], home: Path) -> None:
    async def told() -> None:
        virtual = TrackmasterMachine(now_s())
        name = home / "usb-Trackmaster"

        def look() -> tuple[float, float]:
            deck = virtual.look(now_s())
            return deck.speed_kmh, deck.incline_pct

        async with Stand(virtual) as stand:
            name.symlink_to(stand.path)
            rig = PtyRig(on_port(str(name), TrackmasterProfile()), look, lambda: None, lambda: None)
            rig.stand, rig.virtual, rig.name = stand, virtual, name
            async with entered(rig):
                await story(rig)

    run(told(), loop=ScaledLoop(FASTER))


def test_it_starts_follows_and_stops(tmp_path: Path) -> None:
    async def story(rig: PtyRig) -> None:
        await rig.start()
        rig.command = Command(Belt.RUN, 6.0, 2.0)
        await rig.until(lambda: rig.speed_kmh > 5.8 and rig.incline_pct == 2.0, 30)
        await rig.stop_by_ramp()
        await rig.until(lambda: rig.feedback[-1].speed_kmh == 0.0, 15)
        assert not rig.events

    tell(story, tmp_path)


def test_octet_by_octet_it_still_starts_and_stops(tmp_path: Path) -> None:
    async def story(rig: PtyRig) -> None:
        rig.stand.one_by_one = True
        await rig.start()
        rig.command = Command(Belt.STOP, 0.0)
        await rig.until(lambda: rig.feedback[-1].speed_kmh == 0.0, 15)

    tell(story, tmp_path)


def test_unplugged_in_a_ramp_and_plugged_in_again_nothing_moves_without_start(tmp_path: Path) -> None:
    async def story(rig: PtyRig) -> None:
        await rig.start()
        rig.command = Command(Belt.RUN, 10.0, 5.0)
        await rig.until(lambda: rig.speed_kmh > 3.0, 15)
        starts = len(rig.virtual.orders(Op.START))
        rig.pull()
        await rig.until(lambda: not rig.links[-1].up, 10)
        await rig.until(lambda: rig.speed_kmh == 0.0, 10)
        rig.put()
        await rig.until(lambda: rig.links[-1].up and rig.feedback[-1].link >= 2, 30)
        began_s, heard = now_s(), len(rig.feedback)
        await rig.until(lambda: len(rig.feedback) > heard + 20, 20)
        assert rig.rises_since(began_s) == 0.0
        assert len(rig.virtual.orders(Op.START)) == starts

    tell(story, tmp_path)
