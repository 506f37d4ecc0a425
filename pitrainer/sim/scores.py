"""What a run was worth, on the true heart rate in 5-s means, never on what a strap or filter shows.

- rmse: after 5 min. floor: the same of the heart's variability alone, which a perfect feed-forward would leave.
- settle: the first second from which 30-s means stay within 3 bpm of the target for a minute.
- over: the highest 30-s mean above the target in the first 8 min (variability alone makes about 3 bpm).
- commands, reversals, travel of the lift (or of the belt, where that is what moves) per 10 min.
- above cap, above cap + 2: percent of the time; excess: the highest 5-s mean above the cap.
- intervals: rmse of the last 2 min, percent of the time within 5 bpm from the second minute on, seconds until a 15-s
  mean is within 5 bpm, highest 30-s mean above the target; of the hard legs.
- stale rises: seconds in which incline or speed was commanded up while nothing had come from the strap for more
  than 10 s; lie rises: the same while the strap had been lying for more than 10 s.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import inf, sqrt

from pitrainer.sim.faults import FaultKind
from pitrainer.sim.tasks import Course, TaskName, Trace
from pitrainer.sim.trials import OURS_BEGINS_S, ascent_m

Score = dict[str, float]
MEAN_S = 5
STALE_S = 10


def score(course: Course, trace: Trace, oracle_m: float | None = None) -> Score:
    """All that this task measures. `oracle_m`: the oracle's ascent, where it matters."""
    if course.task.name in (TaskName.HOLD, TaskName.SECOND):
        return {**_hold(course, trace), **_motor(trace), **_end(course, trace)}
    if course.task.name is TaskName.INTERVALS:
        return {**_intervals(course, trace), **_motor(trace), **_end(course, trace)}
    measured = {**_capped(course, trace, oracle_m), **_motor(trace), **_end(course, trace)}
    return {**measured, **_rises(course, trace)} if course.task.faults else measured


def means(values: Sequence[float], seconds: int) -> list[float]:
    """Means of consecutive blocks; an incomplete last one is left out."""
    return [sum(values[i : i + seconds]) / seconds for i in range(0, len(values) - seconds + 1, seconds)]


def running(values: Sequence[float], seconds: int) -> list[float]:
    """The mean of the last `seconds` values, for each second from `seconds - 1` on."""
    total, out = sum(values[: seconds - 1]), []
    for i in range(seconds - 1, len(values)):
        total += values[i]
        out.append(total / seconds)
        total -= values[i - seconds + 1]
    return out


def settled_s(true_bpm: Sequence[float], target_bpm: float) -> float:
    """Seconds until 30-s means stay within 3 bpm for a minute; the whole time if they never do."""
    kept = 0
    for second, mean in enumerate(running(true_bpm, 30), 29):
        kept = kept + 1 if abs(mean - target_bpm) <= 3.0 else 0
        if kept == 60:
            return float(second - 59)
    return float(len(true_bpm))


def _root_mean_square(values: Sequence[float]) -> float:
    return sqrt(sum(v * v for v in values) / len(values)) if values else inf


def _hold(course: Course, trace: Trace) -> Score:
    target = course.targets_bpm[0]
    errors = [bpm - target for bpm in means(trace.true_bpm, MEAN_S)]
    floor = _root_mean_square(means(trace.noise_bpm[300:], MEAN_S))
    rmse = _root_mean_square(errors[300 // MEAN_S :])
    return {
        "rmse": rmse,
        "floor": floor,
        "rmse-floor": rmse - floor,
        "settle": settled_s(trace.true_bpm, target),
        "over": max(running(trace.true_bpm[:480], 30), default=target) - target,
    }


def _capped(course: Course, trace: Trace, oracle_m: float | None) -> Score:
    cap = course.targets_bpm[0]
    excess = [bpm - cap for bpm in means(trace.true_bpm, MEAN_S)]
    climbed = _climbed(trace, len(trace.speed_kmh))
    measured = {
        "above cap %": _percent(excess, 0.0),
        "above cap+2 %": _percent(excess, 2.0),
        "above cap+5 %": _percent(excess, 5.0),
        "excess": max(0.0, max(excess, default=0.0)),
        "excess 30 s": max(0.0, max(running(trace.true_bpm, 30), default=cap) - cap),
        "climb m": climbed,
        "late m/h": 6.0 * _climbed(trace, 600),
    }
    if oracle_m:
        measured["oracle m"], measured["of oracle %"] = oracle_m, 100.0 * climbed / oracle_m
    return measured


def _climbed(trace: Trace, last_s: int) -> float:
    rows = zip(trace.speed_kmh[-last_s:], trace.incline_pct[-last_s:], strict=True)
    return sum(ascent_m(speed, incline) for speed, incline in rows)


def _percent(excess: Sequence[float], above: float) -> float:
    return 100.0 * sum(bpm > above for bpm in excess) / max(len(excess), 1)


def _intervals(course: Course, trace: Trace) -> Score:
    begins, rows = 0, []
    for leg, target in zip(course.task.legs, course.targets_bpm, strict=True):
        if leg.share == max(one.share for one in course.task.legs):
            rows.append([bpm - target for bpm in trace.true_bpm[begins : begins + leg.for_s]])
        begins += leg.for_s
    rows = [row for row in rows if len(row) >= 150]
    late = [error for row in rows for error in means(row[-120:], MEAN_S)]
    inside = [abs(error) <= 5.0 for row in rows for error in means(row[60:], MEAN_S)]
    return {
        "rmse late": _root_mean_square(late),
        "within 5 %": 100.0 * sum(inside) / max(len(inside), 1),
        "rise s": sum(_risen_s(row) for row in rows) / max(len(rows), 1),
        "over": max((max(running(row, 30)) for row in rows), default=inf),
    }


def _risen_s(errors: Sequence[float]) -> float:
    near = (second for second, mean in enumerate(running(errors, 15), 14) if mean >= -5.0)
    return float(next(near, len(errors)))


def _motor(trace: Trace) -> Score:
    """Commands of whichever motor moved more often."""
    ten_minutes = max(len(trace.told_pct), 1) / 600.0
    tracks = (trace.told_pct, trace.told_kmh)
    moves = [[b - a for a, b in pairwise(track) if abs(b - a) > 1e-6] for track in tracks]
    busiest = max(moves, key=len)
    turns = sum(a * b < 0.0 for a, b in pairwise(busiest))
    return {
        "commands": sum(map(len, moves)) / ten_minutes,
        "travel": sum(map(abs, moves[0])) / ten_minutes,
        "reversals": turns / ten_minutes,
    }


def _rises(course: Course, trace: Trace) -> Score:
    stale = lying = silent = 0
    lies = [fault for fault in course.faults if fault.kind not in (FaultKind.DROPOUT, FaultKind.CONSOLE)]
    for second in range(1, len(trace.told_pct)):
        silent = 0 if trace.strap_bpm[second] is not None else silent + 1
        rises = trace.told_pct[second] > trace.told_pct[second - 1] + 1e-6
        rises = rises or trace.told_kmh[second] > trace.told_kmh[second - 1] + 1e-6
        strap_s = second + OURS_BEGINS_S
        stale += rises and silent > STALE_S
        lying += rises and any(fault.from_s + STALE_S < strap_s < fault.to_s for fault in lies)
    return {"stale rises": float(stale), "lie rises": float(lying)}


def _end(course: Course, trace: Trace) -> Score:
    return {"ended": float(bool(trace.ended) or len(trace.true_bpm) < course.seconds)}
