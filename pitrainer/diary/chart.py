"""The profile of a recorded session as SVG: ground and room of the plan, what was done over it, heart rate and cap.

The same picture, class names and colours as the live page's chart.js, drawn here so that a report needs no script:
incline on the left scale, beats per minute on the right, steps fitted to the time they really took. Curves are
stretched to the width of the screen or paper while numbers keep their size: curves live in an inner viewport, ticks
outside it stand at percentages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from pitrainer.diary.figures import Figures
from pitrainer.diary.laps import PlannedStep
from pitrainer.diary.markup import Markup, tag
from pitrainer.diary.trace import Moment, Trace

WIDTH, HEIGHT = 1000, 200
POINTS_MAX = 600
HEART_LOWEST_BPM, HEART_SPAN_LEAST_BPM = 80, 135
TIME_TICKS_S = (60, 120, 300, 600, 900, 1800, 3600, 7200)
TICKS_MOST = 6


@dataclass(frozen=True, slots=True)
class Scale:
    """From session seconds, percent and beats to the inner viewport."""

    length_s: float
    incline_pct: float
    heart_bpm: float

    def x(self, t_s: float) -> float:
        return t_s / self.length_s * WIDTH

    def incline_y(self, pct: float) -> float:
        return HEIGHT - max(0.0, pct) / self.incline_pct * HEIGHT

    def heart_y(self, bpm: float) -> float:
        return HEIGHT - max(0.0, bpm - HEART_LOWEST_BPM) / (self.heart_bpm - HEART_LOWEST_BPM) * HEIGHT


def profile(moments: Trace, figures: Figures) -> Markup:
    """The whole chart with its axes; a sentence where there is nothing to draw."""
    if len(moments) < 2:
        return tag("p", "Too short for a picture.", class_="quiet")
    scale = _scale(moments, figures)
    done = [step for step in figures.steps if step.lap is not None]
    few = thin(moments)
    curves = (
        _path("chart-room", _room(done, scale)),
        _path("chart-ground", _ground(done, scale)),
        _path("chart-grid", "".join(f"M0 {scale.incline_y(pct):.0f}H{WIDTH}" for pct in _inclines(scale))),
        _path("chart-cap", _curve(few, scale.x, _on(scale.heart_y, lambda moment: moment.cap_bpm))),
        _path("chart-incline", _curve(few, scale.x, _on(scale.incline_y, lambda moment: moment.incline_pct))),
        _path("chart-heart", _curve(few, scale.x, _on(scale.heart_y, lambda moment: moment.hr_bpm))),
    )
    plot = tag("svg", *curves, class_="plot", viewBox=f"0 0 {WIDTH} {HEIGHT}", preserveAspectRatio="none")
    label = f"Incline and heart rate over {moments[-1].t_s / 60:.0f} minutes"
    return tag("div", _left(scale), plot, _right(scale), _below(scale), class_="profile", role="img", aria_label=label)


def thin(moments: Trace, most: int = POINTS_MAX) -> Trace:
    """What a picture can show: of every few moments one, the last always kept."""
    every = -(-len(moments) // most)
    return moments if every <= 1 else (*moments[:-1:every], moments[-1])


def _scale(moments: Trace, figures: Figures) -> Scale:
    steep = [moment.incline_pct or 0.0 for moment in moments]
    steep += [max(step.incline_pct) for step in figures.steps if step.incline_pct and step.lap]
    beats = [max(moment.hr_bpm or 0.0, moment.cap_bpm or 0.0) for moment in moments]
    return Scale(
        length_s=max(moments[-1].t_s, 1.0),
        incline_pct=max(5.0, -(-max(steep) // 5) * 5),
        heart_bpm=-(-max(HEART_SPAN_LEAST_BPM, *beats) // 20) * 20,
    )


def _on(y: Callable[[float], float], value: Callable[[Moment], float | None]) -> Callable[[Moment], float | None]:
    def place(moment: Moment) -> float | None:
        known = value(moment)
        return None if known is None else y(known)

    return place


def _curve(moments: Iterable[Moment], x: Callable[[float], float], y: Callable[[Moment], float | None]) -> str:
    """A line through what is known, with a gap where it is not."""
    pen, drawn = "M", []
    for moment in moments:
        at = y(moment)
        if at is None:
            pen = "M"
            continue
        drawn.append(f"{pen}{x(moment.t_s):.1f} {at:.1f}")
        pen = "L"
    return "".join(drawn)


def _ground(steps: list[PlannedStep], scale: Scale) -> str:
    """The planned incline; of a climb its lowest."""
    parts = []
    for step in steps:
        if step.lap and step.incline_pct:
            start, end = step.incline_pct if step.drive != "climb" else (step.incline_pct[0],) * 2
            left, right = scale.x(step.lap.from_s), scale.x(step.lap.to_s)
            parts.append(
                f"M{left:.1f} {HEIGHT}V{scale.incline_y(start):.1f}L{right:.1f} {scale.incline_y(end):.1f}V{HEIGHT}Z"
            )
    return "".join(parts)


def _room(steps: list[PlannedStep], scale: Scale) -> str:
    """What a climbing step left to the heart."""
    parts = []
    for step in steps:
        if step.lap and step.incline_pct and step.drive == "climb":
            low, high = (scale.incline_y(pct) for pct in step.incline_pct)
            left, right = scale.x(step.lap.from_s), scale.x(step.lap.to_s)
            parts.append(f"M{left:.1f} {low:.1f}V{high:.1f}H{right:.1f}V{low:.1f}Z")
    return "".join(parts)


def _path(kind: str, d: str) -> Markup | None:
    return tag("path", class_=kind, d=d, vector_effect="non-scaling-stroke") if d else None


def _inclines(scale: Scale) -> range:
    return range(0, int(scale.incline_pct) + 1, 10 if scale.incline_pct > 20 else 5)


def _left(scale: Scale) -> Markup:
    ticks = (_tick(str(pct), "100%", _percent(scale.incline_y(pct)), "end") for pct in _inclines(scale))
    return tag("svg", *ticks, class_="axis axis-left")


def _right(scale: Scale) -> Markup:
    beats = range(HEART_LOWEST_BPM + 20, int(scale.heart_bpm) + 1, 20)
    ticks = (_tick(str(bpm), "0", _percent(scale.heart_y(bpm)), "start") for bpm in beats)
    return tag("svg", *ticks, class_="axis axis-right")


def _below(scale: Scale) -> Markup:
    every = next((s for s in TIME_TICKS_S if scale.length_s / s <= TICKS_MOST), 14400)
    at = range(every, int(scale.length_s) + 1, every)
    ticks = (_tick(f"{s // 60}′", f"{s / scale.length_s * 100:.1f}%", "12", "middle") for s in at)
    return tag("svg", *ticks, class_="axis axis-below")


def _percent(y: float) -> str:
    return f"{y / HEIGHT * 100:.1f}%"


def _tick(text: str, x: str, y: str, anchor: str) -> Markup:
    return tag("text", text, x=x, y=y, text_anchor=anchor, dominant_baseline="middle" if "%" in y else None)
