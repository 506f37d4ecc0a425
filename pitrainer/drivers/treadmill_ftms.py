"""A Bluetooth treadmill that speaks FTMS: report what it measures, carry out what `Pilot` decides.

    apply(Command) -> mailbox (the latest wins; a STOP is always seen) -> Pilot.next_order -> control point

One procedure at a time: write, then wait for `80 op result`, 3 s at most. Silence means unknown, and telemetry
tells; the second silence in a row means the link is useless and is made anew. A STOP cuts that waiting to 0.5 s.
Request Control is given 0.3 s, since some machines only ever answer later orders. When `apply` is not called for
`LEASE_S` while the driver holds the belt (any command but LEAVE), the belt is walked down here.

On a new link the ranges are read where present, the control point, the status and the data are subscribed to, and
control is requested. Feature bits and training status are not asked for: real machines get both wrong. A machine
without a control point is reported, never driven.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from types import TracebackType
from typing import Self

from bleak.exc import BleakGATTProtocolError

from pitrainer.drivers.bluetooth import Link, LinkError, Radio, keep_linked
from pitrainer.drivers.ftms_pilot import BUSY, Pilot
from pitrainer.drivers.ftms_profile import FtmsProfile, Order, narrowed, refusal
from pitrainer.drivers.ports import Post
from pitrainer.model import (
    LEASE_S,
    LEAVE,
    RAMP_DOWN_KMH_S,
    Belt,
    Command,
    Feedback,
    LinkState,
    MachineLimits,
    Reading,
)
from pitrainer.wire import WireError, ftms
from pitrainer.wire.ftms import ControlOp, TreadmillData

__all__ = ["FtmsProfile", "FtmsTreadmill"]

log = logging.getLogger(__name__)

ANSWER_S = 3.0
REQUEST_ANSWER_S = 0.3
HURRY_S = 0.5
POLL_S = 0.25
SILENT_MOVING_S = 5.0
SILENT_STANDING_S = 30.0
"""Some machines (T318) notify nothing at a standstill: no reason to link anew every few seconds."""
ATT_BUSY = 0xFE


class ControlPoint:
    """The machine's control point: one procedure at a time."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._answered = asyncio.Event()
        self._op: int | None = None
        self._result: int | None = None
        self.hurried = False
        """The last procedure was given up early, so that its silence means nothing."""

    @property
    def op(self) -> int | None:
        """What is being waited for."""
        return self._op

    def indicated(self, payload: bytes) -> None:
        response = ftms.decode_control_point_response(payload)
        if response.request == self._op:
            self._result = response.result
            self._answered.set()

    def hurry(self) -> None:
        """Wait no longer for the answer under way: something more urgent has come."""
        if self._op is not None:
            self.hurried = True
            self._answered.set()

    async def perform(self, op: int, payload: bytes) -> int | None:
        """The machine's result, `BUSY`, or None for silence. Raises LinkError and bleak's errors."""
        self._op, self._result, self.hurried = op, None, False
        self._answered.clear()
        try:
            async with asyncio.timeout(REQUEST_ANSWER_S if op == ControlOp.REQUEST_CONTROL else ANSWER_S):
                await self._link.write(ftms.CONTROL_POINT, payload)
                await self._link.until(self._answered)
        except TimeoutError:
            return None
        except BleakGATTProtocolError as error:
            if error.args[0] == ATT_BUSY:
                return BUSY
            raise
        finally:
            self._op = None
        return self._result


class FtmsTreadmill:
    """The treadmill at `address` (any case). A `ports.Machine`."""

    def __init__(self, address: str, *, radio: Radio, profile: FtmsProfile | None = None) -> None:
        self._address = address
        self._radio = radio
        self._profile = profile or FtmsProfile()
        self._limits = self._profile.limits
        self._post: Post = _nowhere
        self._command = LEAVE
        self._applied_s = 0.0
        self._lapsed_from_kmh: float | None = None
        self._stop_owed: Command | None = None
        self._wake = asyncio.Event()
        self._link_count = 0
        self._name = ""
        self._pilot: Pilot | None = None
        self._control: ControlPoint | None = None
        self._record: TreadmillData | None = None
        self._heard_s = 0.0
        self._remark = ""
        """What was last said about the link in use."""
        self._note = ""
        """What is so for as long as this link lasts."""
        self._refusal = ""
        self.garbled = 0
        """Packets that could not be understood, over all links."""

    @property
    def limits(self) -> MachineLimits:
        """The profile narrowed by the machine's own ranges, once they are known."""
        return self._limits

    def attach(self, post: Post) -> None:
        """Where readings go."""
        self._post = post

    def apply(self, command: Command) -> None:
        """Take the newest command as a lease. Never blocks, never raises; nonsense is dropped and reported."""
        self._refusal = refusal(command)
        if self._refusal:
            self._wake.set()
            return
        self._command, self._applied_s, self._lapsed_from_kmh = command, _now_s(), None
        if command.belt is Belt.STOP and self._control is not None:
            self._stop_owed = command
            if self._control.op not in (None, ControlOp.STOP):
                asyncio.get_running_loop().call_later(HURRY_S, self._hurry, self._control, self._control.op)
        self._wake.set()

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(keep_linked(self._radio, self._address, self._serve, self._lost))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._task.cancel()
        await asyncio.wait([self._task])

    # One link, from connected to lost.

    async def _serve(self, link: Link) -> None:
        self._link_count += 1
        self._name, self._record, self._stop_owed = link.name, None, None
        self._limits = await self._read_limits(link)
        self._pilot = Pilot(self._profile, self._limits, _now_s())
        self._heard_s = _now_s()
        can_be_driven = await self._subscribe(link)
        self._pilot.subscribed(_now_s())
        self._note = "" if can_be_driven else "it takes no commands (no control point): it can only be watched"
        self._remark = self._note
        self._post(self._link_state())
        control = self._control if can_be_driven else None
        if control is not None:
            await self._carry_out(Order(ControlOp.REQUEST_CONTROL), self._pilot, control)
        await self._drive(link, self._pilot, control)

    async def _read_limits(self, link: Link) -> MachineLimits:
        speed = incline = None
        try:
            if payload := await link.read(ftms.SPEED_RANGE):
                speed = ftms.decode_speed_range(payload, self._profile.unit)
            if payload := await link.read(ftms.INCLINE_RANGE):
                incline = ftms.decode_incline_range(payload)
        except WireError as error:
            log.info("treadmill %s: a range cannot be understood: %s", self._address, error)
        return narrowed(self._profile.limits, speed, incline)

    async def _subscribe(self, link: Link) -> bool:
        self._control = ControlPoint(link)
        can_be_driven = await link.subscribe(ftms.CONTROL_POINT, self._guarded(self._control.indicated))
        await link.subscribe(ftms.MACHINE_STATUS, self._guarded(self._status_notified))
        if not await link.subscribe(ftms.TREADMILL_DATA, self._guarded(self._data_notified)):
            raise LinkError("the device sends no treadmill data: is it an FTMS treadmill?")
        return can_be_driven

    async def _drive(self, link: Link, pilot: Pilot, control: ControlPoint | None) -> None:
        silences = 0
        while True:
            link.check()
            self._check_fresh(pilot)
            self._wake.clear()
            order = pilot.next_order(self._take_command(pilot), _now_s()) if control else None
            self._say(self._refusal or pilot.remark or self._note)
            if order is None or control is None:
                await self._wait(link)
                continue
            answered = await self._carry_out(order, pilot, control)
            silences = 0 if answered else silences + 1
            if silences >= 2:
                raise LinkError("the treadmill does not answer its control point")

    async def _carry_out(self, order: Order, pilot: Pilot, control: ControlPoint) -> bool:
        """False: silence where an answer was due."""
        pilot.sent(order, _now_s())
        result = await control.perform(order.op, order.payload(self._profile.unit))
        if event := pilot.answered(order, result, _now_s()):
            self._post(event)
        return result is not None or control.hurried or order.op is ControlOp.REQUEST_CONTROL

    async def _wait(self, link: Link) -> None:
        try:
            async with asyncio.timeout(POLL_S):
                await link.until(self._wake)
        except TimeoutError:
            return

    def _take_command(self, pilot: Pilot) -> Command:
        """The newest command, a STOP that came before it and was not yet seen, or the lease's own ramp."""
        owed, self._stop_owed = self._stop_owed, None
        if owed is not None and self._command.belt is not Belt.STOP:
            return owed
        overdue_s = _now_s() - self._applied_s - LEASE_S
        if self._command.belt is Belt.LEAVE or overdue_s <= 0:
            return self._command
        if self._lapsed_from_kmh is None:
            log.warning("no command for %.1f s: ramping the belt down", LEASE_S)
            self._lapsed_from_kmh = pilot.lowest_known_speed_kmh or 0.0
        return Command(Belt.STOP, max(0.0, self._lapsed_from_kmh - RAMP_DOWN_KMH_S * overdue_s))

    def _check_fresh(self, pilot: Pilot) -> None:
        limit_s = SILENT_MOVING_S if pilot.speed_kmh else SILENT_STANDING_S
        if _now_s() - self._heard_s > limit_s:
            raise LinkError(f"the treadmill is linked but silent for {limit_s:g} s")

    def _hurry(self, control: ControlPoint, op: int) -> None:
        if control is self._control and control.op == op:
            control.hurry()

    # What arrives.

    def _guarded(self, take: Callable[[bytes], None]) -> Callable[[bytes], None]:
        """Packets that cannot be understood are counted, logged once, and dropped."""

        def take_or_drop(payload: bytes) -> None:
            try:
                take(payload)
            except WireError as error:
                self.garbled += 1
                if self.garbled == 1:
                    log.warning("treadmill %s sends what cannot be understood: %s", self._address, error)

        return take_or_drop

    def _data_notified(self, payload: bytes) -> None:
        part = ftms.decode_treadmill_data(payload, self._profile.unit)
        self._heard_s = _now_s()
        self._record = record = ftms.merge(self._record, part)
        if record.more_data or self._pilot is None:
            return
        self._pilot.saw(record.speed_kmh, record.incline_pct, _now_s())
        self._wake.set()
        self._post(Feedback(_now_s(), record.speed_kmh, record.incline_pct, self._link_count, record.distance_m))

    def _status_notified(self, payload: bytes) -> None:
        if self._pilot is None:
            return
        status = ftms.decode_machine_status(payload, self._profile.unit)
        if event := self._pilot.heard(status, _now_s()):
            self._post(event)

    # What is said about the link.

    def _lost(self, reason: str) -> None:
        self._pilot = self._control = self._stop_owed = None
        self._post(LinkState(_now_s(), "machine", up=False, name=self._name, detail=reason))

    def _say(self, remark: str) -> None:
        """A remark is logged and reported once, and its end too."""
        if remark == self._remark:
            return
        if remark:
            log.warning("treadmill %s: %s", self._address, remark)
        self._remark = remark
        self._post(self._link_state())

    def _link_state(self) -> LinkState:
        return LinkState(_now_s(), "machine", up=True, name=self._name, detail=self._remark)


def _nowhere(_: Reading) -> None:
    """Before `attach`."""


def _now_s() -> float:
    return asyncio.get_running_loop().time()
