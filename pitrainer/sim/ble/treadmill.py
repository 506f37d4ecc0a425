"""A virtual FTMS treadmill: a GATT server with the manners, good and bad, of real machines.

It answers the control point as the standard says: ATT error 0xFD without indications enabled, 0xFE while a
procedure runs, result 05 without permission, 04 for a start when started, a stop when stopped or a set-point while
it stands, 03 out of range. Data comes once a second. The console (`press_*`, `pull_key`) is the runner's and takes
permission to control away where `Manners.console_takes_control`. Bad manners are switches in `Manners`, to be
flipped at any time; all of them were seen on real machines.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any, cast

from bumble import att
from bumble.core import AdvertisingData
from bumble.device import Connection
from bumble.gatt import Characteristic, CharacteristicValue, Service

from pitrainer.sim.ble.air import Air
from pitrainer.sim.ble.deck import Deck, Mechanics
from pitrainer.wire import ftms
from pitrainer.wire.ftms import ControlOp, MachineStatus, Result, SpeedUnit, StatusOp, StopKind

ADDRESS = "C0:00:00:00:00:02"
ATT_NOT_SUBSCRIBED, ATT_BUSY = 0xFD, 0xFE
FEATURE = ftms.Feature.of("total_distance", "inclination", "elapsed_time", "target_speed", "target_incline")


@dataclass
class Manners:
    """How this treadmill deviates from the standard's ideal."""

    answer_after_s: float = 0.1
    mute: bool = False
    """Performs, but never answers on the control point."""
    silent_on_request: bool = False
    """Grants control without answering Request Control."""
    refuses_control: bool = False
    ignores_speed: bool = False
    ignores_incline: bool = False
    silent_data: bool = False
    garbled_data: bool = False
    splits_records: bool = False
    echoes: bool = True
    """Announces also what the client itself has changed."""
    console_takes_control: bool = False
    replayed_status: MachineStatus | None = None
    """Sent as soon as the status is subscribed to."""
    unit: SpeedUnit = SpeedUnit.KMH


@dataclass(frozen=True, slots=True)
class Written:
    """What a client wrote to the control point."""

    at_s: float
    op: int
    value: float | tuple[float, ...] | None


class VirtualTreadmill:
    """`async with VirtualTreadmill(air)`: switched on, advertising, standing."""

    def __init__(
        self,
        air: Air,
        *,
        address: str = ADDRESS,
        name: str = "VTREAD",
        mechanics: Mechanics | None = None,
        manners: Manners | None = None,
    ) -> None:
        self.manners = manners or Manners()
        self.written: list[Written] = []
        self._air = air
        self._deck = Deck(mechanics or Mechanics(), _now_s())
        self._in_control: Connection | None = None
        self._doing = set[asyncio.Task[None]]()
        self._busy = False
        self.device = air.device(name, address)
        self._build()
        self.device.advertising_data = _advertisement(name)

    @property
    def speed_kmh(self) -> float:
        self._deck.advance(_now_s())
        return self._deck.speed_kmh

    @property
    def incline_pct(self) -> float:
        self._deck.advance(_now_s())
        return self._deck.incline_pct

    def writes(self, op: ControlOp) -> list[Written]:
        """What was written with this op, oldest first."""
        return [written for written in self.written if written.op == op]

    # The console.

    async def press_start(self) -> None:
        if not self._deck.running:
            self._deck.start(_now_s())
            await self._announce_press(MachineStatus(StatusOp.STARTED))

    async def press_stop(self) -> None:
        self._deck.stop(_now_s())
        await self._announce_press(MachineStatus(StatusOp.STOPPED, stop=StopKind.STOP))

    async def press_pause(self) -> None:
        self._deck.stop(_now_s())
        await self._announce_press(MachineStatus(StatusOp.STOPPED, stop=StopKind.PAUSE))

    async def pull_key(self) -> None:
        self._deck.stop(_now_s())
        await self._announce_press(MachineStatus(StatusOp.SAFETY_KEY))

    async def press_speed(self, speed_kmh: float) -> None:
        self._deck.set_speed(_now_s(), speed_kmh)
        await self._announce_press(MachineStatus(StatusOp.SPEED, speed_kmh))

    async def press_incline(self, incline_pct: float) -> None:
        self._deck.set_incline(_now_s(), incline_pct)
        await self._announce_press(MachineStatus(StatusOp.INCLINE, incline_pct))

    async def take_control_away(self) -> None:
        """Permission lost, and said so."""
        self._in_control = None
        await self._announce(MachineStatus(StatusOp.CONTROL_LOST))

    async def _announce_press(self, status: MachineStatus) -> None:
        await self._announce(status)
        if self.manners.console_takes_control:
            await self.take_control_away()

    # The GATT server.

    def _build(self) -> None:
        read, notify = Characteristic.Properties.READ, Characteristic.Properties.NOTIFY
        how, unit = self._deck.mechanics, self.manners.unit
        self._data = _characteristic(ftms.TREADMILL_DATA, notify, b"")
        self._status = _characteristic(ftms.MACHINE_STATUS, notify, b"")
        self._control = _characteristic(
            ftms.CONTROL_POINT,
            Characteristic.Properties.WRITE | Characteristic.Properties.INDICATE,
            CharacteristicValue(write=self._on_write),
        )
        self._status.on("subscription", self._on_status_subscription)
        characteristics = [
            _characteristic(ftms.FEATURE, read, ftms.encode_feature(FEATURE)),
            _characteristic(ftms.SPEED_RANGE, read, ftms.encode_speed_range(how.speed_kmh, unit)),
            _characteristic(ftms.INCLINE_RANGE, read, ftms.encode_incline_range(how.incline_pct)),
            _characteristic(ftms.TRAINING_STATUS, read | notify, b"\x00\x01"),
            self._data,
            self._status,
            self._control,
        ]
        self.device.add_service(Service(_short(ftms.FITNESS_MACHINE_SERVICE), characteristics))

    def _on_status_subscription(self, _connection: Connection, notify: bool, _indicate: bool) -> None:
        if notify and self.manners.replayed_status is not None:
            self._do(self._announce(self.manners.replayed_status))

    def _on_write(self, connection: Connection, payload: bytes) -> None:
        request = ftms.decode_control_point(payload, self.manners.unit)
        self.written.append(Written(_now_s(), request.op, request.value))
        subscriptions = self.device.gatt_server.subscribers.get(connection, {})
        if not subscriptions.get(self._control.handle, b"\0")[0] & 2:
            raise att.ATT_Error(error_code=cast(Any, ATT_NOT_SUBSCRIBED))
        if self._busy:
            raise att.ATT_Error(error_code=cast(Any, ATT_BUSY))
        self._busy = True
        self._do(self._perform(connection, request))

    async def _perform(self, connection: Connection, request: ftms.ControlPointRequest) -> None:
        """A procedure: perform, announce, answer."""
        await asyncio.sleep(self.manners.answer_after_s)
        self._busy = False
        result, status = self._result(connection, request)
        if status is not None and self.manners.echoes:
            await self._announce(status)
        if self.manners.mute or (self.manners.silent_on_request and request.op == ControlOp.REQUEST_CONTROL):
            return
        answer = ftms.encode_control_point_response(ftms.ControlPointResponse(request.op, result))
        await self.device.indicate_subscriber(connection, self._control, answer)

    def _result(self, connection: Connection, request: ftms.ControlPointRequest) -> tuple[Result, MachineStatus | None]:
        if request.op == ControlOp.REQUEST_CONTROL:
            if self.manners.refuses_control:
                return Result.NOT_PERMITTED, None
            self._in_control = connection
            return Result.SUCCESS, None
        if connection is not self._in_control:
            return Result.NOT_PERMITTED, None
        self._deck.advance(_now_s())
        if request.op == ControlOp.START:
            return self._start()
        if request.op == ControlOp.STOP:
            return self._stop(StopKind.PAUSE if request.value == StopKind.PAUSE else StopKind.STOP)
        if request.op in (ControlOp.TARGET_SPEED, ControlOp.TARGET_INCLINE):
            return self._set(ControlOp(request.op), request.value)
        return Result.NOT_SUPPORTED, None

    def _start(self) -> tuple[Result, MachineStatus | None]:
        if self._deck.running:
            return Result.FAILED, None
        self._deck.start(_now_s())
        return Result.SUCCESS, MachineStatus(StatusOp.STARTED)

    def _stop(self, kind: StopKind) -> tuple[Result, MachineStatus | None]:
        if not self._deck.running:
            return Result.FAILED, None
        self._deck.stop(_now_s())
        return Result.SUCCESS, MachineStatus(StatusOp.STOPPED, stop=kind)

    def _set(self, op: ControlOp, value: object) -> tuple[Result, MachineStatus | None]:
        how, speed = self._deck.mechanics, op is ControlOp.TARGET_SPEED
        span = how.speed_kmh if speed else how.incline_pct
        if not self._deck.running:
            return Result.FAILED, None
        if not isinstance(value, float | int) or not span.minimum - 0.02 <= value <= span.maximum + 0.02:
            return Result.INVALID_PARAMETER, None
        value = round(value / (span.step or 0.1)) * (span.step or 0.1)
        if speed and not self.manners.ignores_speed:
            self._deck.set_speed(_now_s(), value)
        if not speed and not self.manners.ignores_incline:
            self._deck.set_incline(_now_s(), value)
        return Result.SUCCESS, MachineStatus(StatusOp.SPEED if speed else StatusOp.INCLINE, value)

    async def _announce(self, status: MachineStatus) -> None:
        payload = ftms.encode_machine_status(status, self.manners.unit)
        await self.device.notify_subscribers(self._status, payload)

    async def _notify_data(self) -> None:
        if self.manners.silent_data:
            return
        for payload in self._records():
            await self.device.notify_subscribers(self._data, payload)

    def _records(self) -> list[bytes]:
        self._deck.advance(_now_s())
        deck, unit = self._deck, self.manners.unit
        if self.manners.garbled_data:
            return [b"\x00"]
        distance_m, elapsed_s = int(deck.distance_m), int(deck.elapsed_s)
        if not self.manners.splits_records:
            whole = ftms.TreadmillData(
                deck.speed_kmh, distance_m=distance_m, incline_pct=deck.incline_pct, elapsed_s=elapsed_s
            )
            return [ftms.encode_treadmill_data(whole, unit)]
        first = ftms.TreadmillData(distance_m=distance_m, incline_pct=deck.incline_pct, more_data=True)
        last = ftms.TreadmillData(deck.speed_kmh, elapsed_s=elapsed_s)
        return [ftms.encode_treadmill_data(first, unit), ftms.encode_treadmill_data(last, unit)]

    def _do(self, procedure: Any) -> None:
        task = asyncio.ensure_future(procedure)
        self._doing.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        """A client that left before the answer is no error of the machine."""
        self._doing.discard(task)
        if not task.cancelled():
            task.exception()

    async def _notify_each_second(self) -> None:
        while True:
            await asyncio.sleep(1)
            await self._notify_data()

    async def __aenter__(self) -> VirtualTreadmill:
        await self._air.switch_on(self.device)
        self._notifying = asyncio.create_task(self._notify_each_second())
        return self

    async def __aexit__(self, *_: object) -> None:
        tasks = [self._notifying, *self._doing]
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        await self._air.switch_off(self.device)


def _now_s() -> float:
    return asyncio.get_running_loop().time()


def _short(uuid: str) -> str:
    """`00001826-...` as `1826`, so that it travels in 16 bits."""
    return uuid[4:8]


def _characteristic(uuid: str, properties: Any, value: Any) -> Characteristic[Any]:
    allowed = Characteristic.READABLE | Characteristic.WRITEABLE
    return Characteristic(_short(uuid), properties, cast(Any, allowed), value)


def _advertisement(name: str) -> bytes:
    service = bytes.fromhex("2618")
    return bytes(
        AdvertisingData(
            [
                (AdvertisingData.FLAGS, b"\x06"),
                (AdvertisingData.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS, service),
                (AdvertisingData.SERVICE_DATA_16_BIT_UUID, service + ftms.encode_service_data()),
                (AdvertisingData.COMPLETE_LOCAL_NAME, name.encode()),
            ]
        )
    )
