"""The compared laws against the numbers of their descriptions."""

from __future__ import annotations

from collections.abc import Callable
from math import inf

import pytest

from pitrainer.core.athlete import Athlete
from pitrainer.sim.peers import LAWS, Aim, Ask, Law, Motor
from pitrainer.sim.peers.consoles import BRISK_PCT, GENTLE_PCT, SPEED_DOWN, SPEED_UP, Matrix, TrueOrder
from pitrainer.sim.peers.hobby import BelgianCoder, Mlervaag, Ryanramage, Samsonovss
from pitrainer.sim.peers.linear import TAU_S, HuntLowPass, ProportionalIntegral
from pitrainer.sim.peers.qz import QzBand, QzZone, fractional_zone, same_power_kmh

DEFAULT_LIMITS = (70.0, 80.0, 90.0, 100.0)
ATHLETE = Athlete(hr_max_bpm=190.0, hr_rest_bpm=60.0, vo2max_ml_kg_min=45.0)


def ask(target_bpm: float = 140.0, *, speed_kmh: float = 5.0, incline_pct: float = 6.0) -> Ask:
    return Ask(ATHLETE, target_bpm, speed_kmh, incline_pct, (2.0, 12.0), (0.0, 40.0))


def first_move_s(decide: Callable[[float], tuple[float, float]], start: tuple[float, float]) -> tuple[float, bool]:
    """When, and whether it was harder."""
    for second in range(1, 1000):
        now = decide(float(second))
        if now != start:
            return float(second), now > start
    return inf, False


@pytest.mark.parametrize(
    ("hr_bpm", "zone"),
    [
        (100, 1.752),
        (130, 1.977),
        (133, 2.0),
        (140, 2.368),
        (152, 3.0),
        (160, 3.421),
        (171, 4.0),
        (180, 4.474),
        (190, 5),
    ],
)
def test_qz_counts_zones_in_fractions(hr_bpm: float, zone: float) -> None:
    assert fractional_zone(hr_bpm, 190.0, DEFAULT_LIMITS) == pytest.approx(zone, abs=0.0006)
    assert fractional_zone(hr_bpm + 60.0, 190.0, DEFAULT_LIMITS) == (
        5.0 if hr_bpm >= 130 else pytest.approx(3.421, 1e-3)
    )


@pytest.mark.parametrize(("fraction", "seconds"), [(0.0, 110), (0.2, 90), (0.4, 70), (0.6, 50), (0.79, 30)])
def test_qz_creeps_faster_the_nearer_the_zone_top(fraction: float, seconds: int) -> None:
    law = QzZone(ask())
    periods = next(n for n in range(1, 50) if law.direction(max(3.0, 3.0 + fraction - 1e-9)) == 1)
    assert periods * 10 == seconds


def test_qz_waits_just_under_the_zone_top_and_falls_back_above_it() -> None:
    law = QzZone(ask())
    assert {law.direction(3.85) for _ in range(50)} == {0}
    assert law.direction(3.95) == -1
    assert law.direction(2.99) == 1


@pytest.mark.parametrize(
    ("speed_kmh", "from_pct", "to_pct", "new_kmh"),
    [
        (5, 15, 0, 10.6), (5, 0, 15, 0.1), (5, 4, 5, 4.6), (5, 5, 4, 5.4), (10, 0, 5, 8.1), (10, 1, 0, 10.4),
        (4, 12, 10, 4.7), (10, 0, 14.5, 4.5), (6, 10, 8, 6.7), (6, 10, 9.5, 6.2),
    ],
)  # fmt: skip
def test_qz_answers_a_change_of_incline_with_a_speed(
    speed_kmh: float, from_pct: float, to_pct: float, new_kmh: float
) -> None:
    assert same_power_kmh(speed_kmh, from_pct, to_pct, 75.0) == pytest.approx(new_kmh)


def test_qz_doubles_the_belt_when_the_hill_ends() -> None:
    law = QzZone(ask())
    law.decide(1.0, 140.0, 5.0, 15.0)
    assert law.decide(2.0, 140.0, 5.0, 0.0)[0] == pytest.approx(10.6)


@pytest.mark.parametrize(("under", "seconds"), [(20, 20), (10, 40), (5, 70), (3, 110), (2, 160), (1, 310)])
def test_qz_creeps_up_to_the_top_of_the_band(under: float, seconds: int) -> None:
    law = QzBand(ask())
    law.aim = Aim(120.0, band_bpm=25.0)
    periods = next(n for n in range(1, 60) if law.direction(145.0 - under) == 1)
    assert periods * 10 == seconds


def test_qz_rests_at_the_very_top_of_the_band_and_leaves_it_downwards() -> None:
    law = QzBand(ask())
    assert {law.direction(143.0) for _ in range(100)} == {0}
    assert law.direction(143.1) == -1
    assert law.direction(136.9) == 1


def test_qz_goes_on_upwards_with_the_last_value_of_a_silent_strap() -> None:
    law = QzZone(ask())
    speed, _ = law.decide(1.0, 100.0, 5.0, 6.0)
    for second in range(2, 62):
        speed, _ = law.decide(float(second), None, speed, 6.0)
    assert speed == pytest.approx(5.0 + 7 * 0.2)


def test_qz_holds_on_a_reported_zero() -> None:
    law = QzZone(ask())
    assert {law.decide(float(second), 0.0, 5.0, 6.0) for second in range(1, 60)} == {(5.0, 6.0)}


@pytest.mark.parametrize(
    ("error", "step_pct", "every_s"), [(3, 0.1, 25), (10, 0.2, 25), (20, 0.4, 25), (40, 0.8, 20), (60, 1.0, 20)]
)
def test_the_gentle_matrix_steps_as_printed(error: float, step_pct: float, every_s: float) -> None:
    law = Matrix(ask(), GENTLE_PCT, GENTLE_PCT)
    moved = [law.decide(float(second), 140.0 - error, 5.0, 6.0)[1] for second in range(1, 52)]
    assert moved[0] == pytest.approx(6.0 + step_pct)
    assert moved.index(moved[-1]) == pytest.approx(every_s * (2 if every_s < 26 else 1), abs=every_s)
    assert moved[int(every_s)] == pytest.approx(6.0 + 2 * step_pct)


def test_the_speed_matrix_comes_down_faster_than_it_goes_up() -> None:
    up, down = Matrix(ask(), SPEED_UP, SPEED_DOWN, by_speed=True), Matrix(ask(), SPEED_UP, SPEED_DOWN, by_speed=True)
    for second in range(1, 61):
        risen, fallen = up.decide(second, 130.0, 5.0, 6.0)[0], down.decide(second, 150.0, 5.0, 6.0)[0]
    assert risen == pytest.approx(5.0 + 3 * 0.4)
    assert fallen == pytest.approx(2.0)


def test_the_matrix_keeps_a_minute_of_silence_and_then_ends_at_2_kmh() -> None:
    law = Matrix(ask(), BRISK_PCT, BRISK_PCT)
    law.decide(0.0, 140.0, 5.0, 6.0)
    assert {law.decide(float(second), None, 5.0, 6.0) for second in range(1, 61)} == {(5.0, 6.0)}
    assert law.decide(61.0, None, 5.0, 6.0) == (2.0, 6.0)
    assert law.decide(62.0, 100.0, 2.0, 6.0) == (2.0, 6.0)


def test_belgian_coder_dwells_steps_and_pauses() -> None:
    low, high = BelgianCoder(ask()), BelgianCoder(ask())
    assert first_move_s(lambda s: low.decide(s, 130.0, 5.0, 6.0), (5.0, 6.0)) == (21.0, True)
    assert first_move_s(lambda s: high.decide(s, 150.0, 5.0, 6.0), (5.0, 6.0)) == (11.0, False)
    speeds = [low.decide(21.0 + s, 130.0, 5.0, 6.0)[0] for s in range(1, 61)]
    assert speeds[-1] == pytest.approx(5.0 + 3 * 0.2)
    assert speeds[28] == pytest.approx(5.2)


def test_belgian_coder_does_nothing_after_5_s_of_silence_and_nothing_after_a_hand_at_the_console() -> None:
    law = BelgianCoder(ask())
    law.decide(1.0, 130.0, 5.0, 6.0)
    assert {law.decide(float(s), None, 5.0, 6.0) for s in range(2, 100)} == {(5.0, 6.0)}
    law.at.adopt(100.0, 5.3, 6.0)
    assert {law.decide(float(s), 100.0, 5.3, 6.0) for s in range(101, 300)} == {(5.3, 6.0)}


def test_samsonovss_hurries_when_far_and_creeps_when_near() -> None:
    far, near = Samsonovss(ask()), Samsonovss(ask())
    far_kmh = [far.decide(float(s), 120.0, 5.0, 6.0)[0] for s in range(1, 22)][-1]
    near_kmh = [near.decide(float(s), 135.0, 5.0, 6.0)[0] for s in range(1, 22)][-1]
    assert far_kmh == pytest.approx(5.0 + 11 * 0.5)
    assert near_kmh == pytest.approx(5.0 + 2 * 0.1)


def test_ryanramage_leaves_5_bpm_alone_and_steps_larger_beyond_10() -> None:
    inside, small, large = Ryanramage(ask()), Ryanramage(ask()), Ryanramage(ask())
    assert {inside.decide(float(s), 136.0, 5.0, 6.0)[1] for s in range(1, 60)} == {6.0}
    assert small.decide(1.0, 132.0, 5.0, 6.0)[1] == pytest.approx(6.2)
    assert large.decide(1.0, 120.0, 5.0, 6.0)[1] == pytest.approx(6.6)


def test_true_gives_grade_up_only_at_full_speed_and_takes_grade_first() -> None:
    law = TrueOrder(ask(incline_pct=1.0))
    assert law.decide(30.0, 130.0, 5.0, 1.0) == (5.0, 1.5)
    assert law.decide(60.0, 150.0, 5.0, 1.5) == (5.0, 1.0)
    for second in (90.0, 120.0):
        law.decide(second, 150.0, 5.0, 1.0)
    speed, incline = law.decide(150.0, 150.0, 5.0, 0.0)
    assert (round(speed, 2), incline) == (4.84, 0.0)
    assert law.decide(180.0, 130.0, 4.84, 0.0) == (5.0, 0.0)


def test_mlervaag_needs_8_samples_and_steps_half_a_percent_up_every_20_s() -> None:
    law = Mlervaag(ask())
    moved = [law.decide(float(s), 110.0, 5.0, 6.0)[1] for s in range(1, 70)]
    assert moved[6] == 6.0
    assert moved[7] == 6.5
    assert moved[26] == 6.5
    assert moved[27] == 7.0


def test_mlervaag_drops_two_jumps_and_believes_the_third() -> None:
    law = Mlervaag(ask())
    for second in range(1, 16):
        law.decide(float(second), 140.0, 5.0, 6.0)
    for second, mean in ((16, 140.0), (17, 140.0), (18, 142.0)):
        law.decide(float(second), 170.0, 5.0, 6.0)
        assert law.ring.value == pytest.approx(mean)


def test_mlervaag_switches_itself_off_after_two_minutes_of_silence_in_an_easy_zone() -> None:
    law = Mlervaag(ask(target_bpm=130.0))
    for second in range(1, 20):
        law.decide(float(second), 120.0, 5.0, 6.0)
    for second in range(20, 141):
        law.decide(float(second), None, 5.0, 6.0)
    assert law.off
    held = law.at.both()
    assert {law.decide(float(s), 90.0, 5.0, 6.0) for s in range(141, 300)} == {held}


def test_the_constant_form_is_a_pi_with_the_inverse_gain() -> None:
    hunt, pi = HuntLowPass(ask(), inf, quiet_steps=0.0), ProportionalIntegral(ask(), share=1.0, quiet_steps=0.0)
    for second in range(1, 301):
        moved = hunt.decide(second, 140.0 - second / 60.0, 5.0, 6.0), pi.decide(second, 140.0 - second / 60.0, 5.0, 6.0)
    assert moved[0][1] > 6.0
    assert moved[0][1] == pytest.approx(moved[1][1], abs=0.5)


def test_the_low_pass_form_ends_where_the_constant_form_does() -> None:
    """A constant error e integrates to e t / (k tau (1 + tau p)) x tau p: the low-pass form only delays it."""
    law = HuntLowPass(ask(), 0.06, quiet_steps=0.0)
    before, after = 0.0, 0.0
    for second in range(1, 1201):
        before = after if second % 300 == 0 else before
        law.decide(float(second), 139.0, 5.0, 6.0)
        after = law.integral_pct
    a = (1.0 + TAU_S * 0.06) / TAU_S
    gain = 130.0 / 41.5 * 5.0 / 0.06 * 0.018
    assert after - 6.0 == pytest.approx(1200 * 0.06 / gain / (TAU_S * a), rel=1e-6)


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.name)
def test_every_law_stays_in_range_and_moves_what_it_says(law: Law) -> None:
    one = law.make(ask())
    speed, incline = 5.0, 6.0
    for second in range(1, 1500):
        bpm = 80.0 if second < 700 else 185.0
        speed, incline = one.decide(float(second), bpm, speed, incline)
        assert 2.0 <= speed <= 12.0
        assert 0.0 <= incline <= 40.0
        if second == 600:
            harder = (speed > 5.0, incline > 6.0)
    assert harder == {Motor.INCLINE: (False, True), Motor.SPEED: (True, False), Motor.BOTH: (False, True)}[law.motor]
    assert speed < 5.0 or incline < 6.0 or law.motor is Motor.INCLINE
