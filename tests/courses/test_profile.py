"""A cleaned profile climbs what the course climbs, and says what it did to noise."""

from __future__ import annotations

import random
from bisect import bisect_left
from collections.abc import Callable
from math import pi, sin

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pitrainer.courses import Profile, clean
from pitrainer.courses.gpx import Track
from pitrainer.courses.profile import ascent_above

Height = Callable[[float], float]
LENGTH_M = 6700.0


def track(height: Height, *, spacing_m: float = 10.0, length_m: float = LENGTH_M) -> Track:
    along = [index * spacing_m for index in range(int(length_m / spacing_m) + 1)]
    return Track("Test", tuple(along), tuple(height(at) for at in along))


def trail(seed: int = 3) -> Height:
    """Straight legs of 120-700 m, up to 20 % up and down."""
    dice = random.Random(seed)
    ways, heights = [0.0], [500.0]
    while ways[-1] < LENGTH_M:
        ways.append(ways[-1] + dice.uniform(120, 700))
        grade = dice.choice([-0.2, -0.12, -0.05, 0.0, 0.03, 0.08, 0.15, 0.2]) * dice.uniform(0.5, 1)
        heights.append(heights[-1] + (ways[-1] - ways[-2]) * grade)

    def height(at: float) -> float:
        after = max(1, min(bisect_left(ways, at), len(ways) - 1))
        share = (at - ways[after - 1]) / (ways[after] - ways[after - 1])
        return heights[after - 1] + share * (heights[after] - heights[after - 1])

    return height


def noisy(height: Height, sigma_m: float, seed: int = 5) -> Height:
    dice = random.Random(seed)
    return lambda at: height(at) + dice.gauss(0.0, sigma_m)


def true_ascent_m(height: Height, length_m: float = LENGTH_M) -> float:
    return ascent_above([height(10.0 * index) for index in range(int(length_m / 10) + 1)], 0.0)


def wave(length_m: float, half_m: float) -> Height:
    return lambda at: 500.0 + half_m * sin(2 * pi * at / length_m)


CLEAN: dict[str, Height] = {
    "a trail": trail(),
    "another trail": trail(11),
    "one climb": lambda at: 0.08 * at,
    "a mountain range": wave(2000, 40),
    "hills": wave(1000, 20),
    "small hills": wave(500, 10),
    "bumps": wave(200, 3),
    "ripples": wave(400, 1),
}


@pytest.mark.parametrize("decimals", [9, 1])
@pytest.mark.parametrize("name", CLEAN)
def test_clean_elevations_keep_their_ascent_within_2_percent(name: str, decimals: int) -> None:
    profile = clean(track(lambda at: round(CLEAN[name](at), decimals)))
    assert profile.ascent_m == pytest.approx(true_ascent_m(CLEAN[name]), rel=0.02)
    assert profile.length_m == pytest.approx(LENGTH_M)
    assert profile.notes == ()


@pytest.mark.parametrize("name", ["a trail", "another trail", "one climb", "a mountain range", "hills", "small hills"])
def test_whole_metres_are_no_hills(name: str) -> None:
    profile = clean(track(lambda at: float(round(CLEAN[name](at)))))
    assert profile.ascent_m == pytest.approx(true_ascent_m(CLEAN[name]), rel=0.02)


@pytest.mark.parametrize("spacing_m", [1.0, 2.5, 10.0, 25.0, 50.0])
def test_how_close_the_points_are_makes_no_difference(spacing_m: float) -> None:
    profile = clean(track(CLEAN["hills"], spacing_m=spacing_m))
    assert profile.ascent_m == pytest.approx(true_ascent_m(CLEAN["hills"]), rel=0.02)


def test_a_route_with_a_point_every_200_m_keeps_its_summits() -> None:
    profile = clean(track(trail(), spacing_m=200.0))
    raw = ascent_above([trail()(200.0 * index) for index in range(34)], 0.0)
    assert profile.ascent_m == pytest.approx(raw, rel=0.02)


@pytest.mark.parametrize(("sigma_m", "within"), [(0.5, 0.03), (1.0, 0.05), (4.0, 0.15)])
@pytest.mark.parametrize("seed", range(4))
def test_noisy_elevations_are_calmed_and_it_is_said(sigma_m: float, within: float, seed: int) -> None:
    height = trail()
    profile = clean(track(noisy(height, sigma_m, seed)))
    assert profile.ascent_m == pytest.approx(true_ascent_m(height), rel=within)
    assert profile.file_ascent_m > 1.05 * true_ascent_m(height)
    assert profile.noise_m == pytest.approx(sigma_m, rel=0.4)
    (note,) = profile.notes
    assert (
        "noisy" in note and f"{profile.file_ascent_m:.0f} m of ascent" in note and f"{profile.ascent_m:.0f} m" in note
    )


def test_a_calmed_profile_has_few_pieces() -> None:
    assert len(clean(track(noisy(trail(), 4.0))).pieces) < 5 * LENGTH_M / 1000


def test_spikes_are_flattened_and_counted() -> None:
    height = trail()
    spiked = clean(track(lambda at: height(at) + (60.0 if round(at) % 1500 == 700 else 0.0)))
    assert spiked.ascent_m == pytest.approx(true_ascent_m(height), rel=0.02)
    assert spiked.notes == ("5 spikes of the elevations flattened.",)


def test_a_summit_is_no_spike() -> None:
    summits = clean(track(lambda at: 0.3 * abs((at % 200.0) - 100.0)))
    assert not any("spike" in note for note in summits.notes)
    assert summits.ascent_m == pytest.approx(summits.file_ascent_m, rel=0.02)


def test_cliffs_are_pointed_out() -> None:
    cliff = clean(track(lambda at: 0.0 if at < 3000 else 80.0))
    assert any("steeper than 60 %" in note for note in cliff.notes)


def test_pieces_are_no_shorter_than_a_lift_can_follow() -> None:
    for height in (*CLEAN.values(), noisy(trail(), 1.0)):
        assert min(piece.length_m for piece in clean(track(height)).pieces) >= 40.0 - 1e-6


def test_a_tolerance_that_is_asked_for_is_taken() -> None:
    coarse, fine = (clean(track(CLEAN["hills"]), tolerance_m=metres) for metres in (15.0, 0.5))
    assert len(coarse.pieces) < len(fine.pieces)
    assert (coarse.tolerance_m, fine.tolerance_m) == (15.0, 0.5)


def test_a_course_as_short_as_two_points_has_one_piece() -> None:
    profile = clean(Track("", (0.0, 150.0), (10.0, 25.0)))
    assert [(round(piece.length_m), round(piece.rise_m)) for piece in profile.pieces] == [(150, 15)]
    assert profile.pieces[0].grade_pct == pytest.approx(10.0)


@pytest.mark.parametrize(
    ("heights", "turn_m", "ascent_m"),
    [
        ([0, 1, 0, 1, 0], 0.0, 2.0),
        ([0, 1, 0, 1, 0], 1.5, 0.0),
        ([0, 5, 4, 10], 2.0, 10.0),
        ([0, 5, 1, 10], 2.0, 14.0),
        ([10, 0, 0.5, 0], 1.0, 0.0),
        ([10, 0, 5, 4.5, 9], 1.0, 9.0),
        ([3], 0.0, 0.0),
    ],
)
def test_only_turns_above_the_threshold_count(heights: list[float], turn_m: float, ascent_m: float) -> None:
    assert ascent_above(heights, turn_m) == ascent_m


def heights_of(profile: Profile) -> float:
    return sum(piece.rise_m for piece in profile.pieces)


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.floats(0.5, 500), st.floats(-500, 9000)), min_size=1, max_size=60),
    st.floats(-500, 9000),
)
def test_any_course_has_a_profile_of_its_length(steps: list[tuple[float, float]], start_m: float) -> None:
    along, heights = [0.0], [start_m]
    for way_m, height_m in steps:
        along.append(along[-1] + way_m)
        heights.append(height_m)
    profile = clean(Track("", tuple(along), tuple(heights)))
    assert profile.length_m == pytest.approx(along[-1])
    assert profile.ascent_m - profile.descent_m == pytest.approx(heights_of(profile), abs=1e-6)
    assert profile.ascent_m <= 3.0 * profile.file_ascent_m + 3.0 * (max(heights) - min(heights)) + 1.0
