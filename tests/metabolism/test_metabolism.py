"""The energy model against published values, its ranges, its inverses, and the gait that is held."""

from __future__ import annotations

from itertools import pairwise
from math import isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitrainer.core import metabolism
from pitrainer.core.metabolism import choose, gait_held, incline_for, level_equivalent_kmh, speed_for
from pitrainer.core.oxygen import (
    ACSM_RUN,
    ACSM_WALK,
    EQUATIONS,
    LCDA,
    MINETTI_RUN,
    MINETTI_WALK,
    Equation,
    Gait,
    acsm_run,
    acsm_walk,
    lcda_loaded,
    lcda_walk_w_kg,
    minetti_run_j_kg_m,
    minetti_walk_j_kg_m,
    pandolf,
    pandolf_w,
)

MPH = 1.609344


@pytest.mark.parametrize(
    ("mph", "incline_pct", "oxygen"), [(1.7, 10, 16.26), (2.5, 12, 24.69), (3.4, 14, 35.59), (3.0, 0, 11.55)]
)
def test_acsm_walking_gives_the_stages_of_the_bruce_protocol(mph: float, incline_pct: float, oxygen: float) -> None:
    assert acsm_walk(mph * MPH, incline_pct) == pytest.approx(oxygen, abs=0.05)


@pytest.mark.parametrize(("mph", "incline_pct", "oxygen"), [(6.0, 0, 35.7), (7.5, 0, 43.7), (6.0, 5, 42.9)])
def test_acsm_running_gives_its_own_examples(mph: float, incline_pct: float, oxygen: float) -> None:
    assert acsm_run(mph * MPH, incline_pct) == pytest.approx(oxygen, abs=0.06)


def test_acsm_jumps_at_the_change_of_gait_as_published() -> None:
    assert acsm_walk(6.4, 0) == pytest.approx(14.2, abs=0.05)
    assert acsm_run(6.4, 0) == pytest.approx(24.8, abs=0.05)


def test_minetti_at_45_percent_lies_within_what_was_measured() -> None:
    assert abs(minetti_walk_j_kg_m(45) - 17.33) <= 1.11
    assert abs(minetti_run_j_kg_m(45) - 18.93) <= 1.74


@pytest.mark.parametrize(
    ("incline_pct", "run", "walk"),
    [(5, 1.30, 1.44), (10, 1.66, 1.96), (15, 2.06, 2.54), (20, 2.50, 3.15), (30, 3.49, 4.47)],
)
def test_grade_adjusted_speed_grows_by_the_published_factors(incline_pct: float, run: float, walk: float) -> None:
    assert level_equivalent_kmh(10.0, incline_pct, Gait.RUN) == pytest.approx(10.0 * run, rel=0.01)
    assert level_equivalent_kmh(5.0, incline_pct, Gait.WALK) == pytest.approx(5.0 * walk, rel=0.01)


@pytest.mark.parametrize(("incline_pct", "joules"), [(10, 49), (20, 39), (30, 37), (40, 38)])
def test_a_vertical_metre_is_cheapest_between_25_and_35_percent(incline_pct: float, joules: float) -> None:
    assert minetti_walk_j_kg_m(incline_pct) / (incline_pct / 100) == pytest.approx(joules, abs=0.6)
    best = min(range(5, 46), key=lambda grade: minetti_walk_j_kg_m(grade) / grade)
    assert 25 <= best <= 35


def test_lcda_stands_at_1_44_and_walks_level_within_a_tenth_of_minetti() -> None:
    assert lcda_walk_w_kg(0.0, 0.0) == 1.44
    for speed in (3.0, 4.0, 5.0):
        assert LCDA.cost(speed, 0.0) == pytest.approx(MINETTI_WALK.cost(speed, 0.0), rel=0.12)


def test_pandolf_without_a_load_is_its_own_shorter_form() -> None:
    v, weight = 5.0 / 3.6, 70.0
    assert pandolf_w(5.0, 10.0, weight, 0.0) == pytest.approx(weight * (1.5 + 1.5 * v * v + 0.35 * v * 10.0))


def test_a_kilogram_of_load_costs_what_huang_and_kuo_measured() -> None:
    def per_kg(watts: float, bare: float) -> float:
        return (watts - bare) / 20.0

    bare, loaded = pandolf_w(4.5, 0.0, 75.0, 0.0), pandolf_w(4.5, 0.0, 75.0, 20.0)
    lcda = [75.0 * cost * 20.9 / 60.0 for cost in (LCDA.cost(4.5, 0.0), lcda_loaded(75.0, 20.0).cost(4.5, 0.0))]
    assert 2.0 < per_kg(loaded, bare) < 7.6
    assert 2.0 < per_kg(lcda[1], lcda[0]) < 7.6


@pytest.mark.parametrize(("speed_kmh", "metres_hour"), [(6.0, 717), (4.0, 827), (3.0, 883)])
def test_slower_and_steeper_climbs_more_for_the_same_oxygen(speed_kmh: float, metres_hour: float) -> None:
    incline = incline_for(ACSM_WALK, 35.0, speed_kmh)
    assert incline is not None
    assert speed_kmh * 10.0 * incline == pytest.approx(metres_hour, abs=2.0)


def test_at_25_percent_walking_is_cheaper_than_running_as_measured() -> None:
    walk, run = MINETTI_WALK.cost(2.9 * MPH, 25.0), MINETTI_RUN.cost(2.9 * MPH, 25.0)
    assert 32.0 < walk < 40.0
    assert run - walk > 4.0


def test_at_15_percent_a_tenth_more_speed_by_running_costs_over_a_quarter_more() -> None:
    """The training table says over 40 %; the equations that know both gaits give 29-35 % of net energy."""
    for walking_kmh in (3.0, 4.0, 5.0):
        net = [
            (MINETTI_RUN.cost(walking_kmh * faster, 15.0) - 3.5) / (MINETTI_WALK.cost(walking_kmh, 15.0) - 3.5)
            for faster in (1.10, 1.15)
        ]
        assert net == [pytest.approx(1.29, abs=0.01), pytest.approx(1.35, abs=0.01)]


@pytest.mark.parametrize("equation", [*EQUATIONS, pandolf(75, 10), lcda_loaded(75, 10)], ids=lambda e: e.name)
def test_every_equation_rises_with_speed_and_with_grade_where_it_says_so(equation: Equation) -> None:
    low = max(equation.rises_from_pct, -3.0)
    speeds = [equation.speed_kmh[0] + i * 0.25 for i in range(10)]
    for grade in (low, 0.0, 8.0, 20.0, 39.0):
        costs = [equation.cost(speed, grade) for speed in speeds]
        assert costs == sorted(costs)
    for speed in speeds:
        costs = [equation.cost(speed, equation.rises_from_pct + grade) for grade in range(41)]
        assert all(a < b for a, b in pairwise(costs))


def test_an_equation_knows_where_it_was_made_for() -> None:
    assert ACSM_WALK.covers(5.0, 10.0)
    assert not ACSM_WALK.covers(5.0, -1.0)
    assert not ACSM_RUN.covers(4.0, 5.0)
    assert LCDA.covers(5.0, -20.0)
    assert not LCDA.covers(7.5, 0.0)
    assert MINETTI_RUN.covers(10.0, -45.0)


@given(st.sampled_from([LCDA, MINETTI_RUN, ACSM_WALK]), st.floats(3.0, 7.0), st.floats(0.0, 40.0))
def test_grade_and_speed_are_found_back_from_their_cost(equation: Equation, speed: float, grade: float) -> None:
    oxygen = equation.cost(speed, grade)
    found_grade, found_speed = incline_for(equation, oxygen, speed), speed_for(equation, oxygen, grade)
    assert found_grade is not None and isclose(found_grade, grade, abs_tol=1e-6)
    assert found_speed is not None and isclose(found_speed, speed, abs_tol=1e-6)


def test_a_cost_that_nothing_in_range_has_is_not_invented() -> None:
    assert incline_for(LCDA, 10.0, 6.0) is None
    assert incline_for(LCDA, 60.0, 4.0, highest_pct=15.0) is None
    assert speed_for(LCDA, 3.0, 10.0) is None


def test_the_choice_depends_on_gait_and_load_alone() -> None:
    assert choose(Gait.WALK) is LCDA
    assert choose(Gait.RUN) is MINETTI_RUN
    assert choose(Gait.RUN, load_kg=10.0) is MINETTI_RUN
    loaded = choose(Gait.WALK, weight_kg=80.0, load_kg=20.0)
    assert loaded.cost(4.0, 10.0) == pytest.approx(1.25 * LCDA.cost(4.0, 10.0))
    assert loaded.cost(4.0, 10.0) >= pandolf(80.0, 20.0).cost(4.0, 10.0) * 0.97


def test_gait_is_held_half_a_kilometre_an_hour_around_the_transition() -> None:
    assert gait_held(None, 7.2, 0.0) is Gait.WALK
    assert gait_held(None, 7.4, 0.0) is Gait.RUN
    assert gait_held(Gait.WALK, 7.7, 0.0) is Gait.WALK
    assert gait_held(Gait.WALK, 7.9, 0.0) is Gait.RUN
    assert gait_held(Gait.RUN, 6.9, 0.0) is Gait.RUN
    assert gait_held(Gait.RUN, 6.7, 0.0) is Gait.WALK
    assert gait_held(Gait.RUN, 5.6, 10.0) is Gait.RUN


def test_the_transition_falls_with_slope_until_measurements_end() -> None:
    assert metabolism.transition_kmh(0.0) == 7.3
    assert metabolism.transition_kmh(10.0) == pytest.approx(5.986)
    assert metabolism.transition_kmh(40.0) == metabolism.transition_kmh(27.0) > 3.7


def test_energy_in_the_units_that_people_know() -> None:
    assert metabolism.mets(35.0) == 10.0
    assert metabolism.kcal_min(35.0, 70.0) == pytest.approx(12.2, abs=0.05)
    assert metabolism.grade_adjusted_pace_s_km(10.0, 10.0, Gait.RUN) == pytest.approx(360 / 1.66, rel=0.01)
    assert metabolism.grade_adjusted_pace_s_km(0.0, 10.0, Gait.RUN) is None


def test_slopes_of_cost_are_those_of_the_equations() -> None:
    assert metabolism.oxygen_per_pct(ACSM_WALK, 6.0, 10.0) == pytest.approx(1.8)
    assert metabolism.oxygen_per_kmh(ACSM_WALK, 6.0, 10.0) == pytest.approx((0.1 + 0.18) / 0.06)


def test_the_steepest_grade_costs_all_the_oxygen() -> None:
    assert acsm_walk(5.0, metabolism.steepest_pct(5.0, 45.0)) == pytest.approx(45.0)
