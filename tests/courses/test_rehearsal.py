"""A course becomes stretches with their bands, and a session that a machine can run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pitrainer import sessions
from pitrainer.config import DEFAULT_ATHLETE
from pitrainer.core.athlete import Athlete
from pitrainer.core.plan import infeasible
from pitrainer.courses import Ground, Piece, Profile, Rehearsal, Wishes, classed, clean, gpx, rehearse
from pitrainer.importers import ForeignFileError
from pitrainer.model import Drive, MachineLimits, Plan, UserLimits
from pitrainer.sim import simulate
from pitrainer.sim.runner import SimulatedRunner
from pitrainer.sim.treadmill import SimulatedTreadmill

DOWNHILL = MachineLimits(incline_min_pct=-3.0, incline_max_pct=15.0)


def profile(*pieces: tuple[float, float], name: str = "Test") -> Profile:
    """Of (level metres, grade in percent)."""
    rows = tuple(Piece(length_m, length_m * grade / 100.0) for length_m, grade in pieces)
    return Profile(name, rows, 0.0, 0.0, 0.0, 2.0)


RACE = profile((1500, 1), (800, 14), (600, -15), (2000, 4), (1500, -6), (1200, 0), (400, 18), (2000, 2))


def made(course: Profile = RACE, **wishes: float) -> Rehearsal:
    return rehearse(course, "race.gpx", wishes=Wishes(**wishes))


def refused(course: Profile = RACE, **wishes: float) -> str:
    with pytest.raises(ForeignFileError) as caught:
        made(course, **wishes)
    return str(caught.value)


def grounds(course: Profile) -> list[tuple[Ground, int]]:
    return [(stretch.ground, round(stretch.length_m)) for stretch in classed(course)]


def climbed_m(plan: Plan) -> float:
    return sum((step.distance_m or 0.0) * step.incline_pct[0] / 100.0 for step in plan.steps)


def test_a_race_falls_into_its_stretches() -> None:
    assert grounds(RACE) == [
        (Ground.START, 1000),
        (Ground.STEADY, 500),
        (Ground.STEEP_UP, 800),
        (Ground.TECHNICAL_DOWN, 600),
        (Ground.STEADY, 2000),
        (Ground.GENTLE_DOWN, 1500),
        (Ground.STEADY, 1200),
        (Ground.STEEP_UP, 400),
        (Ground.STEADY, 1000),
        (Ground.LAST, 1000),
    ]


@pytest.mark.parametrize(
    ("ground", "band"),
    [
        (Ground.START, (0.60, 0.70)),
        (Ground.STEEP_UP, (0.70, 0.80)),
        (Ground.TECHNICAL_DOWN, (0.60, 0.70)),
        (Ground.GENTLE_DOWN, (0.65, 0.75)),
        (Ground.LAST, (0.75, 0.85)),
    ],
)
def test_every_stretch_has_the_band_of_the_training_page(ground: Ground, band: tuple[float, float]) -> None:
    assert {stretch.band for stretch in classed(RACE) if stretch.ground is ground} == {band}


def test_a_start_that_is_steep_is_no_easy_start() -> None:
    assert grounds(profile((1500, 15), (8000, 0)))[0] == (Ground.STEEP_UP, 1500)


def test_a_technical_finish_is_not_run_faster() -> None:
    assert grounds(profile((8000, 0), (2000, -20)))[-1] == (Ground.TECHNICAL_DOWN, 2000)


def test_short_stretches_join_their_longer_neighbour() -> None:
    assert grounds(profile((4000, 0), (150, 12), (4000, 3), (300, -5), (4000, 0))) == [
        (Ground.START, 1245),
        (Ground.STEADY, 9960),
        (Ground.LAST, 1245),
    ]


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(40, 3000), st.floats(-50, 50)), min_size=1, max_size=40))
def test_stretches_are_the_whole_course_and_nothing_else(pieces: list[tuple[float, float]]) -> None:
    course = profile(*pieces)
    stretches = classed(course)
    assert sum(stretch.length_m for stretch in stretches) == pytest.approx(course.length_m)
    assert sum(stretch.ascent_m for stretch in stretches) == pytest.approx(course.ascent_m)
    assert all(a.ground is not b.ground for a, b in pairwise(stretches))


def test_the_session_file_is_the_plan(tmp_path: Path) -> None:
    rehearsal = made()
    path = tmp_path / "race.toml"
    path.write_text(rehearsal.toml)
    assert sessions.load(path) == rehearsal.plan
    assert sessions.check(path) == []


def test_the_belt_climbs_what_the_course_climbs() -> None:
    rehearsal = made(profile((3000, 4.2), (2000, -5), (2000, 7.3), (3000, 0)))
    assert rehearsal.ascent_m == pytest.approx(272)
    assert climbed_m(rehearsal.plan) == pytest.approx(272, rel=0.02)
    assert rehearsal.belt_ascent_m == pytest.approx(climbed_m(rehearsal.plan), rel=0.01)


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(40, 900), st.floats(0, 15)), min_size=1, max_size=30))
def test_rounding_to_the_machines_steps_loses_no_ascent(pieces: list[tuple[float, float]]) -> None:
    course = profile(*pieces)
    if course.length_m < 100:
        return
    rehearsal = rehearse(course, "", machine=MachineLimits(incline_step_pct=1.0), wishes=Wishes(scale=1.0))
    assert rehearsal.belt_ascent_m == pytest.approx(course.ascent_m, abs=8.0)
    assert all(leg.incline_pct == round(leg.incline_pct) for leg in rehearsal.legs)


def test_what_is_too_steep_is_reported_in_metres_of_ascent() -> None:
    rehearsal = made(profile((1000, 0), (500, 25), (500, 10)))
    assert (rehearsal.lost.too_steep, round(rehearsal.lost.ascent_m)) == (1, 49)
    assert any("1 of" in line and "steeper than 15 %: 49 m of ascent lost" in line for line in rehearsal.report)
    assert rehearsal.belt_ascent_m + rehearsal.lost.ascent_m == pytest.approx(rehearsal.ascent_m, abs=4)


def test_without_decline_a_downhill_is_level_and_the_file_says_so() -> None:
    rehearsal = made(profile((2000, 0), (2000, -8), (2000, 0)))
    down = [step for step in rehearsal.plan.steps if "Gentle down" in step.name]
    assert {step.incline_pct for step in down} == {(0.0, 0.0)}
    assert down[0].say.startswith("Downhill, the belt stays level.")
    assert any("run level, 160 m of descent lost" in line for line in rehearsal.report)


def test_a_machine_with_decline_uses_it() -> None:
    rehearsal = rehearse(profile((2000, 0), (2000, -8), (2000, -1.5)), "", machine=DOWNHILL)
    assert {leg.incline_pct for leg in rehearsal.legs if leg.ground is Ground.GENTLE_DOWN} == {-3.0}
    assert round(rehearsal.lost.descent_m) == 100
    assert min(step.incline_pct[0] for step in rehearsal.plan.steps) == -3.0


def test_the_plan_can_be_run_within_the_limits_that_were_given() -> None:
    machine, user = MachineLimits(speed_max_kmh=10.0, incline_max_pct=12.0), UserLimits(6.5, 8.0)
    rehearsal = rehearse(RACE, "", machine=machine, user=user)
    assert infeasible(rehearsal.plan, machine, user) == ""
    assert max(leg.incline_pct for leg in rehearsal.legs) == 8.0
    assert max(leg.speed_kmh for leg in rehearsal.legs) == 6.5


def test_every_leg_is_a_fixed_distance_under_its_bands_cap() -> None:
    rehearsal = made()
    legs = rehearsal.plan.steps[:-1]
    assert {step.drive for step in legs} == {Drive.FIXED}
    caps = {"Start": 126, "Steady": 144, "Steep up": 144, "Technical down": 126, "Gentle down": 135, "Last stage": 153}
    assert all(step.cap_bpm == caps[step.name.partition(". ")[2]] for step in legs)
    assert rehearsal.plan.steps[-1].name == "Cool-down"


def test_caps_follow_the_athlete() -> None:
    old = Athlete(hr_max_bpm=160, hr_rest_bpm=55)
    rehearsal = rehearse(RACE, "", athlete=old)
    assert rehearsal.plan.steps[0].cap_bpm == 112
    assert 'hr_max = "70%"' in rehearsal.toml


def test_a_fitter_athlete_is_expected_sooner() -> None:
    fit, unfit = (replace(DEFAULT_ATHLETE, vo2max_ml_kg_min=vo2max) for vo2max in (60.0, 32.0))
    sooner, later = (rehearse(RACE, "", athlete=athlete).finish_s for athlete in (fit, unfit))
    assert sooner < 0.8 * later


def test_steeper_is_slower_and_the_last_stage_gets_faster() -> None:
    legs = made(profile((1500, 0), (800, 6), (800, 14), (9000, 0))).legs
    speeds = {leg.incline_pct: leg.speed_kmh for leg in legs if leg.ground in (Ground.STEADY, Ground.STEEP_UP)}
    assert speeds[0.0] > speeds[6.0] > speeds[14.0]
    last = [leg.speed_kmh for leg in legs if leg.ground is Ground.LAST]
    assert last == sorted(last) and last[-1] > last[0]


def test_a_speed_that_is_asked_for_is_never_exceeded() -> None:
    rehearsal = made(speed_kmh=5.0)
    assert max(leg.speed_kmh for leg in rehearsal.legs) == 5.0
    assert min(leg.speed_kmh for leg in rehearsal.legs) < 5.0


def test_scaling_shrinks_lengths_and_keeps_grades() -> None:
    whole, half = made(), made(scale=0.5)
    assert half.length_m == pytest.approx(whole.length_m / 2)
    assert half.ascent_m == pytest.approx(whole.ascent_m / 2)
    assert half.belt_ascent_m == pytest.approx(whole.belt_ascent_m / 2, rel=0.03)
    assert max(leg.incline_pct for leg in half.legs) == max(leg.incline_pct for leg in whole.legs)


def test_a_section_is_run_as_it_will_be_in_the_race() -> None:
    rehearsal = made(from_km=1.6, to_km=2.5)
    assert rehearsal.length_m == pytest.approx(900)
    assert rehearsal.ascent_m == pytest.approx(700 * 0.14)
    assert [leg.ground for leg in rehearsal.legs] == [Ground.STEEP_UP, Ground.TECHNICAL_DOWN]
    assert rehearsal.plan.steps[0].name == "3. Steep up"


@pytest.mark.parametrize(
    ("wishes", "words"),
    [
        ({"from_km": 12.0}, "the course has 10.00 km"),
        ({"from_km": 3.0, "to_km": 3.0}, "nothing from km 3 to km 3"),
        ({"from_km": -1.0}, "nothing from km -1"),
        ({"from_km": float("nan")}, "nothing from"),
        ({"from_km": 1.0, "to_km": 1.05}, "shorter than 100 m"),
        ({"scale": 0.0}, "from 0.01 to 10"),
        ({"scale": float("nan")}, "from 0.01 to 10"),
        ({"scale": 0.01, "to_km": 5.0}, "shorter than 100 m"),
    ],
)
def test_a_part_that_is_none_is_refused(wishes: dict[str, float], words: str) -> None:
    assert words in refused(RACE, **wishes)


def test_a_course_of_more_than_3_h_is_refused_with_a_scale_that_fits() -> None:
    long = profile(*[(1000, 5), (1000, -5)] * 20)
    words = refused(long)
    assert "a session may last 3 h" in words
    scale = float(words.split("--scale ")[1].split(",")[0])
    assert made(long, scale=scale).finish_s == pytest.approx(10_500, rel=0.05)


def test_drinks_and_gels_are_called_in_time_and_not_at_the_end() -> None:
    rehearsal = made(profile((9000, 2), (9000, 3)))
    at_s, calls = 0.0, []
    for leg in rehearsal.legs:
        if leg.say.startswith(("Drink.", "Take a gel")):
            calls.append((round(at_s / 60), leg.say.split(".")[0]))
        at_s += leg.for_s
    minutes = rehearsal.finish_s / 60
    assert [at for at, say in calls if say == "Drink"] == pytest.approx(
        [at for at in range(20, int(minutes) - 10, 20) if at % 45], abs=1
    )
    assert [at for at, say in calls if "gel" in say] == pytest.approx(list(range(45, int(minutes) - 10, 45)), abs=1)


def test_reminders_can_be_switched_off() -> None:
    rehearsal = made(profile((9000, 2), (9000, 3)), drink_min=0, gel_min=0)
    assert not any("rink" in leg.say or "gel" in leg.say for leg in rehearsal.legs)
    assert not any(line.startswith("Reminders") for line in rehearsal.report)


def test_a_call_does_not_lengthen_the_course() -> None:
    with_calls, without = made(), made(drink_min=0, gel_min=0)
    assert sum(leg.way_m for leg in with_calls.legs) == pytest.approx(sum(leg.way_m for leg in without.legs))
    assert len(with_calls.legs) > len(without.legs)


def test_a_restless_course_still_fits_into_a_session() -> None:
    restless = profile(*[(40, 12), (40, 0)] * 120)
    rehearsal = made(restless)
    assert len(rehearsal.plan.steps) <= 500
    many = profile(*[(40, 12), (40, 2), (40, 7)] * 400)
    assert len(made(many, scale=0.2).plan.steps) <= 500


def test_an_odd_name_does_no_harm() -> None:
    odd = profile((2000, 3), name='A "b"\\ # = [x] \N{SNOWMAN} ' + "long " * 30)
    assert made(odd).plan.name.startswith('A "b"\\ # = [x] \N{SNOWMAN} long')


def test_energy_grows_with_weight() -> None:
    light, heavy = (rehearse(RACE, "", athlete=replace(DEFAULT_ATHLETE, weight_kg=kg)) for kg in (60.0, 90.0))
    assert heavy.energy_kcal == pytest.approx(1.5 * light.energy_kcal)


def test_a_rehearsal_can_be_run_under_its_caps() -> None:
    rehearsal = made(profile((1500, 1), (500, 14), (600, -15), (1200, 4), (1200, -6)))
    recording = simulate(
        rehearsal.plan,
        athlete=DEFAULT_ATHLETE,
        runner=SimulatedRunner(DEFAULT_ATHLETE),
        treadmill=SimulatedTreadmill(),
    )
    end = recording.end
    assert end.phase.value == "done"
    assert end.above_cap_s < 0.05 * end.elapsed_s
    assert end.ascent_m == pytest.approx(rehearsal.belt_ascent_m, rel=0.1)


def test_a_file_goes_all_the_way(gpx_file: Callable[[str], Path], text_of: Callable[..., str]) -> None:
    heights = [500.0 + 0.08 * 10 * min(index, 600 - index) for index in range(601)]
    rehearsal = rehearse(clean(gpx.read(gpx_file(text_of(heights, name="Up and down")))), "")
    assert rehearsal.plan.name == "Up and down"
    assert rehearsal.belt_ascent_m == pytest.approx(240, rel=0.02)
