"""What an FTMS treadmill is told next: decisions without I/O, one `Pilot` per link.

`next_order` looks at the newest command, at telemetry and at what was sent before, and gives at most one order for
the control point. What it never does, whatever the commands: START without `Belt.START` at a seen standstill, more
than once per episode; a set-point on a link that has seen neither a standstill nor START; a set-point to a standing
belt (walking pads drop the link when spoken to while spinning up, others start); a set-point after the runner took
over, until the next START; the same set-point twice, but for one retry when telemetry does not follow.

STOP walks the set-points down, never up, and ends in the machine's own stop, which is repeated while the belt does
not slow. Where set-points are barred, the machine's stop comes at once. Source of the manners: docs/hardware.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from pitrainer.drivers.ftms_profile import FtmsProfile, Order, floored
from pitrainer.model import Belt, Command, MachineEvent, MachineLimits, MachineSays
from pitrainer.wire.ftms import ControlOp, MachineStatus, Result

BUSY = -1
"""Not a result of the standard: the machine was still busy and did not take the order."""
FOLLOW_S = 3.0
"""On top of the machine's latency: so long may telemetry take to show that an order had an effect."""
REPLAY_S = 2.0
"""KingSmith firmware repeats its last status as soon as it is subscribed to."""
ECHO_S = 10.0
"""A status with a value that we sent within this time is our own echo."""
STILL_S = 5.0
ASK_AGAIN_S = 2.0
STOP_AGAIN_S = 1.0

SPEED, INCLINE = ControlOp.TARGET_SPEED, ControlOp.TARGET_INCLINE


@dataclass(frozen=True, slots=True)
class Sent:
    """The last set-point for one motor."""

    value: float
    at_s: float
    seen: float | None
    """What telemetry said when it was sent."""
    retried: bool = False
    settled: bool = False
    """Telemetry followed, the machine refused, or the runner changed it: nothing to retry."""


class Pilot:
    """The state of one link and the decisions on it. All times are the caller's `now_s`."""

    def __init__(self, profile: FtmsProfile, limits: MachineLimits, now_s: float) -> None:
        self.profile = profile
        self.limits = limits
        self.speed_kmh: float | None = None
        self.incline_pct: float | None = None
        self.barred = True
        self.yielded = False
        self.remark = ""
        """What the machine would not do, in words; empty while all is well."""
        self._control = False
        self._asked_s = -math.inf
        self._last_belt = Belt.LEAVE
        self._start_s: float | None = None
        self._start_echo = False
        self._stop_s: float | None = None
        self._stop_from: float | None = None
        self._stop_again_s = 0.0
        self._stop_done = False
        self._may_move = True
        self._moved_by_s = now_s
        self._still_since_s: float | None = None
        self._sent: dict[ControlOp, Sent] = {}
        self._lately: list[tuple[float, ControlOp, float]] = []
        self._first_status_by_s = math.inf

    # What comes in.

    def subscribed(self, now_s: float) -> None:
        """From now on the first status may be news; before, and shortly after, it is a repetition."""
        self._first_status_by_s = min(self._first_status_by_s, now_s + REPLAY_S)

    def saw(self, speed_kmh: float | None, incline_pct: float | None, now_s: float) -> None:
        """A complete treadmill data record."""
        self.speed_kmh = speed_kmh
        self.incline_pct = incline_pct if incline_pct is not None else self.incline_pct
        if speed_kmh == 0:
            self._saw_standstill(now_s)
        elif speed_kmh is not None:
            self._may_move, self._moved_by_s, self._still_since_s = True, now_s, None
        self._settle(SPEED, speed_kmh, self.limits.speed_step_kmh)
        self._settle(INCLINE, incline_pct, self.limits.incline_step_pct)

    def _saw_standstill(self, now_s: float) -> None:
        self.barred = False
        self._sent.clear()
        if self._still_since_s is None:
            self._still_since_s = now_s
        still_for_s = now_s - self._still_since_s
        if self._stop_done or (still_for_s >= STILL_S and now_s - self._moved_by_s > self.profile.start_timeout_s):
            self._may_move, self._stop_s = False, None

    def _settle(self, op: ControlOp, seen: float | None, step: float) -> None:
        sent = self._sent.get(op)
        if sent is None or seen is None or sent.settled:
            return
        there = abs(seen - sent.value) <= step / 2 + 1e-6
        began = sent.seen if sent.seen is not None else seen
        if there or abs(seen - sent.value) < abs(began - sent.value) - 0.05:
            self._sent[op] = replace(sent, settled=True)
            self.remark = ""

    def heard(self, status: MachineStatus, now_s: float) -> MachineEvent | None:
        """A machine status; gives the event if it is one, and not our own echo."""
        first, self._first_status_by_s = now_s < self._first_status_by_s, -math.inf
        says = status.says
        if says is None or (first and says is not MachineSays.CONTROL_LOST):
            return None
        if says is MachineSays.CONTROL_LOST:
            self._control, self.yielded = False, True
        if self._is_echo(status, now_s):
            return None
        if says is MachineSays.STARTED:
            self._may_move, self._moved_by_s, self._stop_done, self._stop_s = True, now_s, False, None
        for op, ours in ((SPEED, MachineSays.SPEED_SET), (INCLINE, MachineSays.INCLINE_SET)):
            if says is ours and op in self._sent:
                self._sent[op] = replace(self._sent[op], settled=True)
        return MachineEvent(now_s, says, status.value)

    def _is_echo(self, status: MachineStatus, now_s: float) -> bool:
        since_start_s = math.inf if self._start_s is None else now_s - self._start_s
        match status.says:
            case MachineSays.STARTED:
                echo, self._start_echo = self._start_echo and since_start_s < self.profile.start_timeout_s, False
                return echo
            case MachineSays.STOPPED | MachineSays.PAUSED:
                at_start = self.profile.says_stopped_at_start and since_start_s < STILL_S
                return at_start or (self._stop_s is not None and now_s - self._stop_s < STILL_S)
            case MachineSays.SPEED_SET:
                return self._sent_lately(SPEED, status.value, self.limits.speed_step_kmh, now_s)
            case MachineSays.INCLINE_SET:
                return self._sent_lately(INCLINE, status.value, self.limits.incline_step_pct, now_s)
        return False

    def _sent_lately(self, op: ControlOp, value: float | None, step: float, now_s: float) -> bool:
        self._lately = [sent for sent in self._lately if now_s - sent[0] < ECHO_S]
        current = [(now_s, op, self._sent[op].value)] if op in self._sent else []
        return value is None or any(
            known == op and abs(sent - value) <= step / 2 + 1e-6 for _, known, sent in self._lately + current
        )

    # What goes out.

    def next_order(self, command: Command, now_s: float) -> Order | None:
        """At most one order; `sent` must follow before it goes out, `answered` after."""
        began, self._last_belt = command.belt is not self._last_belt, command.belt
        if command.belt is not Belt.STOP:
            self._stop_s = None
        if began and command.belt is Belt.START:
            self.barred = self.yielded = self._control = False
            self._start_s, self._asked_s = None, -math.inf
        match command.belt:
            case Belt.LEAVE:
                return None
            case Belt.STOP:
                return self._stop(command.speed_kmh, now_s)
            case Belt.START if self.speed_kmh == 0:
                return self._start(now_s)
        return self._follow(command, now_s)

    def _start(self, now_s: float) -> Order | None:
        if self._start_s is None and not self.yielded:
            return self._permitted(Order(ControlOp.START), now_s)
        if self._start_s is not None and now_s - self._start_s > self.profile.start_timeout_s:
            self.remark = "the belt did not start: is the safety key in?"
        return None

    def _stop(self, speed_kmh: float | None, now_s: float) -> Order | None:
        if not self._may_move:
            return None
        wanted = speed_kmh if speed_kmh is not None and math.isfinite(speed_kmh) else 0.0
        known = self.lowest_known_speed_kmh
        wanted = floored(wanted if known is None else min(wanted, known), self.limits.speed_step_kmh)
        walk_down = self._stop_s is None and not self.barred and not self.yielded and bool(self.speed_kmh)
        if walk_down and wanted >= self.limits.speed_min_kmh:
            return self._set_point(SPEED, wanted, now_s)
        if self._stop_s is None or self._stop_is_due(now_s):
            return self._permitted(Order(ControlOp.STOP), now_s)
        return None

    def _stop_is_due(self, now_s: float) -> bool:
        """The stop was not taken, or the belt does not slow."""
        assert self._stop_s is not None
        waited_s = now_s - self._stop_s
        if self._stop_again_s:
            return waited_s >= self._stop_again_s
        slowed = self.speed_kmh is not None and self._stop_from is not None and self.speed_kmh < self._stop_from - 0.3
        return not slowed and waited_s > self.limits.latency_s + FOLLOW_S

    def _follow(self, command: Command, now_s: float) -> Order | None:
        if self.barred or self.yielded or not self.speed_kmh:
            return None
        orders = []
        if command.speed_kmh is not None:
            low, high = self.limits.speed_min_kmh, self.limits.speed_max_kmh
            speed = floored(min(max(command.speed_kmh, low), high), self.limits.speed_step_kmh)
            orders.append(self._set_point(SPEED, max(speed, low), now_s))
        if command.incline_pct is not None:
            low, high = self.limits.incline_min_pct, self.limits.incline_max_pct
            incline = floored(min(max(command.incline_pct, low), high), self.limits.incline_step_pct)
            orders.append(self._set_point(INCLINE, max(incline, low), now_s))
        return min((order for order in orders if order is not None), key=self._harder, default=None)

    def _harder(self, order: Order) -> bool:
        """What eases goes first."""
        seen = self.speed_kmh if order.op is SPEED else self.incline_pct
        return seen is not None and order.value is not None and order.value > seen

    def _set_point(self, op: ControlOp, value: float, now_s: float) -> Order | None:
        sent = self._sent.get(op)
        order = Order(op, value)
        if sent is None:
            return self._permitted(order, now_s)
        if abs(sent.value - value) > 1e-6:
            return self._permitted(order, now_s) if now_s - sent.at_s >= self.profile.set_point_gap_s else None
        if sent.settled or now_s - sent.at_s <= self.limits.latency_s + FOLLOW_S:
            return None
        if sent.retried:
            self.remark = f"the machine does not follow: {op.name.lower().replace('_', ' ')} {value:g}"
            return None
        return self._permitted(order, now_s)

    def _permitted(self, order: Order, now_s: float) -> Order:
        """The order itself, or a request for control that has to precede it."""
        asked_just_now = now_s - self._asked_s < ASK_AGAIN_S
        return order if self._control or asked_just_now else Order(ControlOp.REQUEST_CONTROL)

    @property
    def lowest_known_speed_kmh(self) -> float | None:
        """The lower of what the belt was told and what it does."""
        told = self._sent[SPEED].value if SPEED in self._sent else None
        return min((speed for speed in (told, self.speed_kmh) if speed is not None), default=None)

    def sent(self, order: Order, now_s: float) -> None:
        """The order is on its way."""
        match order.op:
            case ControlOp.REQUEST_CONTROL:
                self._asked_s = now_s
            case ControlOp.START:
                self._start_s, self._start_echo = now_s, True
                self._may_move, self._moved_by_s, self._stop_done = True, now_s, False
            case ControlOp.STOP:
                self._stop_s, self._stop_from, self._stop_again_s = now_s, self.speed_kmh, 0.0
            case _:
                self._remember(order, now_s)

    def _remember(self, order: Order, now_s: float) -> None:
        assert order.value is not None
        before = self._sent.get(order.op)
        seen = self.speed_kmh if order.op is SPEED else self.incline_pct
        again = before is not None and abs(before.value - order.value) <= 1e-6
        self._sent[order.op] = Sent(order.value, now_s, seen, retried=again)
        self._lately.append((now_s, order.op, order.value))

    def answered(self, order: Order, result: int | None, now_s: float) -> MachineEvent | None:
        """The machine's answer: a `Result`, `BUSY`, or None for silence, which telemetry has to explain."""
        if self.profile.request_control_each_time and order.op is not ControlOp.REQUEST_CONTROL:
            self._control, self._asked_s = False, -math.inf
        if result == Result.NOT_PERMITTED:
            return self._not_permitted(order, now_s)
        match order.op:
            case ControlOp.REQUEST_CONTROL:
                self._control = True
            case ControlOp.STOP:
                self._stop_done = result in (Result.SUCCESS, Result.FAILED)
                self._stop_again_s = STOP_AGAIN_S if result not in (Result.SUCCESS, Result.FAILED, None) else 0.0
            case ControlOp.START if result == BUSY:
                self._start_s = None
            case ControlOp.TARGET_SPEED | ControlOp.TARGET_INCLINE:
                self._set_point_answered(order, result)
        return None

    def _set_point_answered(self, order: Order, result: int | None) -> None:
        if result == BUSY:
            self._sent.pop(order.op, None)
        elif result not in (Result.SUCCESS, None) and order.op in self._sent:
            self._sent[order.op] = replace(self._sent[order.op], settled=True)
            self.remark = f"the machine refused {order.op.name.lower().replace('_', ' ')} {order.value:g}"

    def _not_permitted(self, order: Order, now_s: float) -> MachineEvent | None:
        """Somebody else has control. Only a START or the delivery of a STOP asks for it again."""
        told, self.yielded, self._control = self.yielded, True, False
        if order.op is not ControlOp.REQUEST_CONTROL:
            self._asked_s = -math.inf
        if order.op is ControlOp.STOP:
            self._stop_again_s = STOP_AGAIN_S
        return None if told else MachineEvent(now_s, MachineSays.CONTROL_REFUSED)
