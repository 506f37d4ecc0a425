"""Beats in, one believable pulse out.

A strap lies in five ways: it goes silent, sends nonsense, jumps, freezes, or locks on to the runner's steps. Each
beat is judged once, here. A refused beat does not renew freshness, so every lie ends as a growing age, and the
supervisor needs one rule for the age instead of one for each lie.

- Range 30-230 bpm, contact bits, time (older than the last or from the future): refused.
- Jump: more than 6 + 2.5 bpm for each second since the last accepted beat, at most 25: refused. Five refused beats
  in a row that agree with each other (steps of at most 6 bpm) are believed after all, with doubt for 30 s; for 60 s
  where they lie 15 bpm or more below a rate accepted less than 30 s before, the mark of a strap locked on to steps.
- Frozen: the same rate with the same RR list again, or the same rate for 45 s on a moving belt: lost from the first
  repeat on. A single interval may repeat by chance (about once in 30 beats): it counts as frozen from three on.

Numbers: docs/safety.md, rows 1-4.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf, isfinite
from statistics import median

from pitrainer.model import Beat

HR_MIN_BPM, HR_MAX_BPM = 30.0, 230.0
JUMP_BPM, JUMP_BPM_S, JUMP_MOST_BPM = 6.0, 2.5, 25.0
RELOCK_BEATS, RELOCK_STEP_BPM = 5, 6.0
DOUBT_S, DROP_DOUBT_S, DROP_BPM, DROP_WITHIN_S = 30.0, 60.0, 15.0, 30.0
FORGOTTEN_S = 60.0
"""A rate older than this says nothing about the next one: the climb has ended meanwhile."""
FROZEN_S = 45.0
REPEATS = 3
AHEAD_S = 0.5
"""A beat stamped further ahead than this is from the future."""
MEAN_S = 5.0


@dataclass(frozen=True, slots=True)
class Heart:
    """What is remembered between beats."""

    beat: Beat | None = None
    accepted: tuple[tuple[float, float], ...] = ()
    """The last five accepted (at_s, bpm)."""
    fresh_at_s: float = -inf
    same_since_s: float = -inf
    candidates: tuple[tuple[float, float], ...] = ()
    """Beats refused as jumps, in a row, that agree with each other."""
    doubt_until_s: float = -inf
    frozen: bool = False
    repeats: int = 0
    """So many intervals in a row are exact repetitions."""
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Pulse:
    """What the rest of the house may believe at this moment."""

    hr_bpm: float | None
    """The last accepted rate, None once it is older than 5 s."""
    mean_bpm: float | None
    """Mean of the accepted beats of the last 5 s: what the controller steers by."""
    median_bpm: float | None
    """Median of the last five accepted beats: what the cap is judged by, deaf to spikes."""
    age_s: float
    frozen: bool
    doubtful: bool
    refused: str
    """Why the latest beat was refused; empty if it was accepted."""


def hear(heart: Heart, beat: Beat, now_s: float, *, moving: bool) -> Heart:
    """Judge one new beat."""
    reason = _nonsense(heart, beat, now_s)
    if reason:
        return replace(heart, beat=beat, refused=reason)
    assert beat.hr_bpm is not None
    if _repeated(heart, beat):
        repeats = heart.repeats + len(beat.rr_s)
        frozen = heart.frozen or repeats >= REPEATS
        return replace(heart, beat=beat, frozen=frozen, repeats=repeats, refused="the strap repeats itself")
    heart = replace(heart, repeats=0)
    same_since = heart.same_since_s if _same_rate(heart, beat) else beat.at_s
    if moving and not beat.rr_s and beat.at_s - same_since >= FROZEN_S:
        return replace(
            heart, beat=beat, same_since_s=same_since, fresh_at_s=same_since, frozen=True,
            refused="the heart rate has not changed for 45 s",
        )  # fmt: skip
    heart = replace(heart, beat=beat, same_since_s=same_since)
    if _jumped(heart, beat.at_s, beat.hr_bpm):
        return _consider(heart, beat.at_s, beat.hr_bpm)
    return _accept(heart, beat.at_s, beat.hr_bpm)


def pulse(heart: Heart, now_s: float) -> Pulse:
    """The belief at `now_s`. A freshness that lies ahead of now is as bad as none."""
    age = now_s - heart.fresh_at_s
    if age < -AHEAD_S or not isfinite(age):
        age = inf
    age = max(age, 0.0)
    rates = [bpm for _, bpm in heart.accepted]
    recent = [bpm for at, bpm in heart.accepted if now_s - at <= MEAN_S] if age <= MEAN_S else []
    return Pulse(
        hr_bpm=rates[-1] if recent else None,
        mean_bpm=sum(recent) / len(recent) if recent else None,
        median_bpm=median(rates) if recent else None,
        age_s=age,
        frozen=heart.frozen,
        doubtful=now_s < heart.doubt_until_s,
        refused=heart.refused,
    )


def _nonsense(heart: Heart, beat: Beat, now_s: float) -> str:
    bpm = beat.hr_bpm
    if not beat.at_s <= now_s + AHEAD_S:
        return "a beat from the future"
    if heart.accepted and beat.at_s <= heart.accepted[-1][0]:
        return "a beat older than the last"
    if beat.contact is False:
        return "the strap has no contact with the skin"
    if bpm is None:
        return "the strap reports no heart rate"
    if isinstance(bpm, bool) or not isfinite(bpm) or not HR_MIN_BPM <= bpm <= HR_MAX_BPM:
        return f"{bpm} is no heart rate"
    return ""


def _same_rate(heart: Heart, beat: Beat) -> bool:
    return heart.beat is not None and heart.beat.hr_bpm == beat.hr_bpm


def _repeated(heart: Heart, beat: Beat) -> bool:
    return bool(beat.rr_s) and _same_rate(heart, beat) and heart.beat is not None and heart.beat.rr_s == beat.rr_s


def _jumped(heart: Heart, at_s: float, bpm: float) -> bool:
    if not heart.accepted:
        return False
    last_at, last_bpm = heart.accepted[-1]
    if at_s - last_at > FORGOTTEN_S:
        return False
    allowed = min(JUMP_BPM + JUMP_BPM_S * (at_s - last_at), JUMP_MOST_BPM)
    return abs(bpm - last_bpm) > allowed


def _consider(heart: Heart, at_s: float, bpm: float) -> Heart:
    agrees = bool(heart.candidates) and abs(bpm - heart.candidates[-1][1]) <= RELOCK_STEP_BPM
    candidates = (*heart.candidates, (at_s, bpm)) if agrees else ((at_s, bpm),)
    if len(candidates) < RELOCK_BEATS:
        return replace(heart, candidates=candidates, refused="the heart rate jumped")
    last_at, last_bpm = heart.accepted[-1]
    fell = last_bpm - bpm >= DROP_BPM and candidates[0][0] - last_at <= DROP_WITHIN_S
    doubt_until = at_s + (DROP_DOUBT_S if fell else DOUBT_S)
    return _accept(replace(heart, accepted=(), doubt_until_s=doubt_until), at_s, bpm)


def _accept(heart: Heart, at_s: float, bpm: float) -> Heart:
    return replace(
        heart, accepted=(*heart.accepted, (at_s, bpm))[-5:], fresh_at_s=at_s,
        candidates=(), frozen=False, refused="",
    )  # fmt: skip
