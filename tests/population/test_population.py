"""The simulated people: who they are, how their hearts behave, and what straps and machines make of them."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from math import sqrt
from statistics import fmean, stdev

import pytest

from pitrainer.core.oxygen import Gait
from pitrainer.sim.calibration import calibrate
from pitrainer.sim.hearts import CHENG, _cheng
from pitrainer.sim.population import HEARTS, HIKER_KMH, RUNNER_KMH, Family, Person, PersonRunner, population
from pitrainer.sim.straps import StrapKind
from pitrainer.sim.tasks import incline_for_bpm, steady_bpm
from pitrainer.sim.variability import LENGTH, variability

EVERYBODY = population(80, 3)


def lived(runner: PersonRunner, seconds: int, speed_kmh: float, incline_pct: float) -> list[float]:
    """The true heart rate of each second."""
    trace = []
    for _ in range(seconds):
        runner.step(1.0, speed_kmh, incline_pct)
        trace.append(runner.true_bpm)
    return trace


def quiet(person: Person, family: Family = Family.OXYGEN) -> PersonRunner:
    return person.runner(family=family, quiet=True)


def test_a_seed_names_the_same_people_for_ever_and_the_first_ones_whatever_the_number() -> None:
    assert population(5, 3) == EVERYBODY[:5]
    assert population(5, 4) != EVERYBODY[:5]


def test_seven_in_ten_are_hikers_with_their_own_speeds_and_machines() -> None:
    hikers = [person for person in EVERYBODY if person.gait is Gait.WALK]
    assert len(hikers) == 56
    for person in EVERYBODY:
        low, high = HIKER_KMH if person.gait is Gait.WALK else RUNNER_KMH
        assert low <= person.speed_kmh <= high
        assert 22 <= person.age_years <= 60
        assert 28 <= person.heart.vo2max_ml_kg_min <= 68
        machine = person.treadmill()
        assert 0.25 <= machine.incline_rate_pct_s <= 0.6
        assert 1.0 <= machine.latency_s <= 2.0
        assert (machine.incline_min_pct, machine.incline_max_pct) == person.incline_pct
    assert {person.truth for person in EVERYBODY} == {"LCDA", "Minetti", "Pandolf", "ACSM"}


def test_a_controller_is_told_less_than_the_truth() -> None:
    vo2_errors = [person.athlete().vo2max - person.heart.vo2max_ml_kg_min for person in EVERYBODY]
    rest_errors = [person.athlete().hr_rest_bpm - person.heart.hr_rest_bpm for person in EVERYBODY]
    assert 5.0 < stdev(vo2_errors) < 9.0
    assert 3.0 < stdev(rest_errors) < 5.0
    for person in EVERYBODY:
        assert person.athlete().hr_max == round(208.0 - 0.7 * person.age_years)


def test_one_percent_more_grade_is_worth_2_to_7_bpm() -> None:
    gains = []
    for person in EVERYBODY:
        grade = incline_for_bpm(person, person.at_reserve(0.7))
        gains.append(steady_bpm(person, grade + 0.5) - steady_bpm(person, grade - 0.5))
    assert 3.0 < fmean(gains) < 5.0
    assert 1.5 < min(gains) < max(gains) < 7.0


@pytest.mark.parametrize("family", Family)
def test_hearts_rise_with_the_slope_and_fall_with_it(family: Family) -> None:
    for person in (replace(one, family=family) for one in EVERYBODY[:7]):
        runner = quiet(person, family)
        gentle = incline_for_bpm(person, person.at_reserve(0.45))
        runner.settle(person.speed_kmh, gentle)
        flat = lived(runner, 300, person.speed_kmh, gentle)[-1]
        steep = lived(runner, 400, person.speed_kmh, gentle + 3.0)[-1]
        again = lived(runner, 600, person.speed_kmh, gentle)[-1]
        assert steep > flat + 1.5
        assert again < steep - 0.5


def test_hearts_answer_after_a_delay_and_fall_more_slowly_than_they_rise() -> None:
    person = replace(EVERYBODY[0], heart=replace(EVERYBODY[0].heart, delay_s=6.0, falling=1.5, drift_bpm=0.0))
    runner = quiet(person)
    runner.settle(5.0, 0.0)
    low = lived(runner, 200, 5.0, 0.0)[-1]
    risen = lived(runner, 600, 5.0, 6.0)
    fallen = lived(runner, 600, 5.0, 0.0)
    middle = 0.5 * (low + risen[-1])
    assert abs(risen[4] - low) < 0.05 < risen[12] - low
    assert next(i for i, bpm in enumerate(fallen) if bpm < middle) > next(
        i for i, bpm in enumerate(risen) if bpm > middle
    )


def test_hard_work_drifts_and_easy_walking_hardly() -> None:
    rises = {0.45: [0.0], 0.8: [0.0]}
    for person in EVERYBODY[:20]:
        for share in rises:
            runner = quiet(person)
            grade = incline_for_bpm(person, person.at_reserve(share))
            runner.settle(person.speed_kmh, grade)
            trace = lived(runner, 2400, person.speed_kmh, grade)
            rises[share].append(trace[-1] - trace[299])
    assert fmean(rises[0.45]) < 5.0
    assert 6.0 < fmean(rises[0.8]) < 16.0


def test_chengs_pair_gives_the_published_rises() -> None:
    """After 2, 5, 10, 20, 40 min; his own parameters, the speeds of the paper."""
    for kmh, wanted in ((4.0, (11, 12, 13, 14, 15)), (5.5, (21.5, 23, 24.6, 26.7, 28.5)), (8.0, (45, 48, 52, 56, 60))):
        pair, seen = (0.0, 0.0), {}
        for second in range(1, 2401):
            pair = _cheng(CHENG, pair, kmh / 3.6, 1.0)
            seen[second / 60] = pair[0]
        assert [seen[minute] for minute in (2, 5, 10, 20, 40)] == pytest.approx(wanted, abs=1.5)


def test_variability_has_the_published_size_at_every_scale() -> None:
    scaled = [[2.1 * value for value in variability(seed)[:1800]] for seed in range(12)]
    fives = [[fmean(one[i : i + 5]) for i in range(0, 1800, 5)] for one in scaled]
    assert fmean(stdev(one) for one in fives) == pytest.approx(2.1, abs=0.25)
    assert fmean(stdev(b - a for a, b in pairwise(one)) for one in fives) == pytest.approx(1.37, abs=0.2)


def test_variability_has_unit_size_a_red_spectrum_and_repeats_only_after_an_hour() -> None:
    series = variability(5)
    assert len(series) == LENGTH > 3600
    assert sqrt(fmean(value * value for value in series)) == pytest.approx(1.0)
    slow = [fmean(series[i : i + 25]) for i in range(0, 4075, 25)]
    assert stdev(slow) > 0.6
    assert variability(5) == series != variability(6)


def test_another_day_is_another_noise_of_the_same_heart() -> None:
    person = EVERYBODY[1]
    days = [lived(person.runner(seed), 600, person.speed_kmh, 5.0) for seed in (1, 1, 2)]
    assert days[0] == days[1] != days[2]
    assert fmean(days[0][300:]) == pytest.approx(fmean(days[2][300:]), abs=4.0)


@pytest.mark.parametrize(("strap", "within_s"), [(StrapKind.CHEST, (2, 7)), (StrapKind.OPTICAL, (9, 22))])
def test_straps_lag_as_long_as_their_kind(strap: StrapKind, within_s: tuple[int, int]) -> None:
    runner = EVERYBODY[0].runner(1, strap=strap, quiet=True)
    told, true = [], []
    for second in range(700):
        told.append(runner.step(1.0, 5.0, 2.0 if second < 300 else 12.0))
        true.append(runner.true_bpm)
    middle = 0.5 * (true[299] + true[-1])
    late = next(i for i in range(310, 700) if (told[i] or 0.0) > middle) - next(
        i for i in range(310, 700) if true[i] > middle
    )
    assert within_s[0] <= late <= within_s[1]
    assert all(bpm is not None and bpm == round(bpm) for bpm in told)


def test_holding_the_rails_takes_the_weight_off_for_a_while() -> None:
    free, held = (quiet(replace(EVERYBODY[0], rails=rails)) for rails in (False, True))
    apart = [a - b for a, b in zip(lived(free, 900, 5.0, 8.0), lived(held, 900, 5.0, 8.0), strict=True)]
    assert max(map(abs, apart[:300])) == 0.0
    assert apart[590] > 3.0
    assert apart[890] < 0.3 * apart[590]


def test_a_hot_room_makes_every_heart_creep_up() -> None:
    cool, hot = (quiet(replace(EVERYBODY[0], heat_bpm=heat)) for heat in (0.0, 15.0))
    apart = lived(hot, 1800, 5.0, 4.0)[-1] - lived(cool, 1800, 5.0, 4.0)[-1]
    assert 10.0 < apart < 14.0


def test_a_hiker_runs_only_on_a_fast_belt_and_a_runner_walks_only_on_a_slow_one() -> None:
    hiker = EVERYBODY[0].runner()
    for speed, gait in ((7.5, Gait.WALK), (8.0, Gait.RUN), (7.4, Gait.RUN), (6.9, Gait.WALK)):
        hiker.step(1.0, speed, 0.0)
        assert hiker.gait is gait


def test_every_family_has_a_heart() -> None:
    assert set(HEARTS) == set(Family)


def test_the_runners_look_like_published_ones_when_they_are_identified_and_controlled() -> None:
    found = calibrate(8, 5)
    assert 24.0 < found.gain[0] < 42.0
    assert 45.0 < found.tau_s[0] < 95.0
    assert 2.0 < found.residual_bpm[0] < 2.8
    assert 1.7 < found.rmse_bpm[0] < 2.7
    assert 12.0 < found.power < 32.0
