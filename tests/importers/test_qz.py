"""QZ programs go in once somebody says what their units are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pitrainer.importers import Imported
from pitrainer.model import Drive, Step

Taken = Callable[..., Imported]
Refused = Callable[..., str]


def qz(rows: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<rows device="treadmill">\n{rows}\n</rows>'


def row(taken: Taken, attributes: str, **options: object) -> tuple[Step, tuple[str, ...]]:
    found = taken(qz(f"<row {attributes}/>"), **{"units": "km", **options})
    (step,) = found.plan.steps
    return step, found.left_out


def test_a_program_becomes_a_session_that_reads_like_it(taken: Taken) -> None:
    found = taken(
        qz(
            '<row duration="00:05:00" speedfrom="5.0" speedto="8.0" inclination="1" forcespeed="1">'
            '<textevent timeoffset="5" message="Loose shoulders"/></row>'
            '<repeat times="3"><row duration="00:01:30" speed="9" inclination="6" zonehr="4"/>'
            '<row distance="0.4" speed="6" inclination="0" hrbelow="120"/></repeat>'
        ),
        units="km",
    )
    assert found.toml.splitlines()[-6:] == [
        '  { name = "Warm-up", ramp = "5:00", incline = 1, speed = [5, 8], say = "Loose shoulders" },'.replace(
            'name = "Warm-up", ', ""
        ),
        "  { repeat = 3, steps = [",
        '      { for = "1:30", incline = 6, speed = 9, hr_max = "90% reserve" },',
        "      { distance = 400, incline = 0, speed = 6, until_hr_below = 120 },",
        "  ] },",
        "]",
    ]
    assert len(found.plan.steps) == 7


@pytest.mark.parametrize(
    "attributes",
    ['duration="00:01:00" speed="6"', 'distance="1" speed="6"', 'duration="00:01:00" speedfrom="5" speedto="6"'],
)
def test_speeds_without_units_are_not_guessed(refused: Refused, attributes: str) -> None:
    assert "--units km or --units mi" in refused(qz(f"<repeat times='2'><row {attributes}/></repeat>"))


def test_a_program_without_speeds_needs_no_units(taken: Taken) -> None:
    assert taken(qz('<row duration="00:01:00" inclination="3"/>')).plan.steps[0].speed_kmh is None


def test_miles_are_miles(taken: Taken) -> None:
    step, _ = row(taken, 'distance="0.5" speed="6"', units="mi")
    assert step.distance_m == pytest.approx(804.7)
    assert step.speed_kmh == pytest.approx((9.7, 9.7))


@pytest.mark.parametrize(
    ("duration", "for_s"), [("00:05:00", 300), ("1:00:00", 3600), ("05:30", 330), ("00:00:45.000", 45)]
)
def test_durations_are_hours_minutes_seconds(taken: Taken, duration: str, for_s: float) -> None:
    assert row(taken, f'duration="{duration}"')[0].for_s == for_s


@pytest.mark.parametrize(
    ("attributes", "field", "value"),
    [
        ('zonehr="1"', "cap_bpm", 132), ('zonehr="5"', "cap_bpm", 180), ('zonehr="0"', "cap_bpm", None),
        ('zonehr="-1"', "cap_bpm", None), ('hrmin="125" hrmax="140"', "cap_bpm", 140),
        ('hrabove="150"', "until_hr_above_bpm", 150), ('hrbelow="110"', "until_hr_below_bpm", 110),
        ('lapbutton="1"', "until_tap", True), ('lapbutton="0"', "until_tap", False),
        ('speed="-1"', "speed_kmh", None), ('inclination="-200"', "incline_pct", (0, 0)),
        ('inclination="-2.5"', "incline_pct", (-2.5, -2.5)), ('inclination="45"', "incline_pct", (40, 40)),
    ],
)  # fmt: skip
def test_a_rows_words_keep_their_meaning(taken: Taken, attributes: str, field: str, value: Any) -> None:
    step, _ = row(taken, f'duration="00:05:00" {attributes}')
    assert getattr(step, field) == value


def test_a_row_that_waits_for_the_heart_lasts_half_an_hour_at_most(taken: Taken) -> None:
    step, left_out = row(taken, 'hrbelow="110" speed="5"')
    assert (step.for_s, step.until_hr_below_bpm) == (1800, 110)
    assert any("30 min at most" in what for what in left_out)


def test_a_distance_without_a_speed_takes_the_one_that_is_given(taken: Taken, refused: Refused) -> None:
    assert "give one: --speed" in refused(qz('<row distance="1"/>'), units="km")
    step, left_out = row(taken, 'distance="1"', speed_kmh=9.0)
    assert step.speed_kmh == (9, 9)
    assert any("got 9 km/h" in what for what in left_out)


def test_a_stairs_row_is_a_ramp(taken: Taken) -> None:
    step, _ = row(taken, 'duration="00:10:00" speedfrom="5" speedto="9"')
    assert (step.drive, step.speed_kmh) == (Drive.RAMP, (5, 9))


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ('<row duration="00:01:00" fanspeed="3"/>', "The fan (fanspeed)."),
        ('<row duration="00:01:00" zonehr="3" minspeed="4" maxspeed="9"/>', "Bounds of speed (minspeed)."),
        ('<row duration="00:01:00" zonehr="3"/>', "tops are caps"),
        ('<row duration="00:01:00" wobble="3"/>', "The attribute wobble is not known."),
        ('<row duration="00:00:02"/><row duration="00:01:00"/>', "too short"),
        ('<row duration="00:01:00"/><pause/>', "<pause> (line 3)"),
        ('<row duration="00:01:00" hrmax="300"/>', "hrmax 300"),
        ('<row duration="00:01:00" distance="2" speed="6"/>', "the duration counts"),
    ],
)
def test_what_stays_behind_is_listed(taken: Taken, rows: str, words: str) -> None:
    assert any(words in what for what in taken(qz(rows), units="km").left_out)


def test_what_is_switched_off_is_not_worth_a_word(taken: Taken) -> None:
    _, left_out = row(taken, 'duration="00:01:00" inclination="0" fanspeed="-1" power="0" maxspeed="" zonehr="-1"')
    assert left_out == ()


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("", "no step that a treadmill can do"),
        ('<row duration="five minutes"/>', ':3: duration "five minutes" must be like 00:05:00'),
        ('<row duration="00:01:00" speed="nan"/>', ':3: row speed: "nan" is no ordinary number'),
        ('<row duration="00:01:00" speed="99"/>', "must be at most 20 km/h"),
        ('<row duration="99:00:00"/>', "at most 3 h"),
        ('<repeat times="many"><row duration="00:01:00"/></repeat>', "a repeat needs its times, 1 to 250"),
        ('<repeat><row duration="00:01:00"/></repeat>', "a repeat needs its times"),
        ('<repeat times="2">' * 6 + '<row duration="00:01:00"/>' + "</repeat>" * 6, "repeats nest more than 4 deep"),
        ('<repeat times="250"><repeat times="50"><row duration="00:00:05"/></repeat></repeat>', "at most 500"),
        ('<row distance="1" speedfrom="5" speedto="6"/>', "need a duration"),
    ],
)
def test_what_cannot_be_a_session_is_refused_in_one_line(refused: Refused, rows: str, words: str) -> None:
    assert words in refused(qz(rows), units="km")
