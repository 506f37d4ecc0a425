"""Zwift workouts go in, whatever their case and their oddities, and say what stayed behind."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pitrainer.importers import Imported
from pitrainer.model import Drive

Taken = Callable[..., Imported]
Refused = Callable[..., str]


def zwo(steps: str, *, head: str = "<durationType>time</durationType>", name: str = "Test") -> str:
    return f"<workout_file><name>{name}</name><sportType>run</sportType>{head}<workout>{steps}</workout></workout_file>"


METRES = ""
"""A run file without a durationType."""


def test_a_workout_becomes_a_session_that_reads_like_it(taken: Taken) -> None:
    found = taken(
        zwo(
            '<Warmup Duration="300" PowerLow="0.5" PowerHigh="0.7"/>'
            '<IntervalsT Repeat="4" OnDuration="60" OffDuration="90" OnPower="1.0" OffPower="0.6"/>'
            '<Cooldown Duration="300" PowerLow="0.7" PowerHigh="0.5"/>',
            name="Four by one",
        ),
        speed_kmh=12.0,
    )
    assert found.toml.splitlines()[-9:] == [
        'name = "Four by one"',
        "steps = [",
        '  { name = "Warm-up", ramp = "5:00", incline = 0, speed = [6, 8.4] },',
        "  { repeat = 4, steps = [",
        '      { name = "On", for = "1:00", incline = 0, speed = 12 },',
        '      { name = "Off", for = "1:30", incline = 0, speed = 7.2 },',
        "  ] },",
        '  { name = "Cool-down", ramp = "5:00", incline = 0, speed = [8.4, 6] },',
        "]",
    ]
    assert len(found.plan.steps) == 10
    assert found.left_out == ("Zwift's files have no incline: steps without one are level.",)


def test_a_run_file_measures_in_metres_unless_it_says_time(taken: Taken) -> None:
    step = '<SteadyState Duration="800" Power="1"/>'
    assert taken(zwo(step, head=METRES), speed_kmh=10.0).plan.steps[0].distance_m == 800
    assert taken(zwo(step, head="<durationType>distance</durationType>"), speed_kmh=10.0).plan.steps[0].for_s is None
    assert taken(zwo(step), speed_kmh=10.0).plan.steps[0].for_s == 800
    bike = f"<workout_file><sportType>bike</sportType><workout>{step}</workout></workout_file>"
    assert taken(bike, speed_kmh=10.0).plan.steps[0].for_s == 800


def test_metres_need_a_speed(refused: Refused) -> None:
    text = zwo('\n<SteadyState Duration="800" Power="1"/>', head=METRES)
    assert refused(text).endswith(
        ":2: <steadystate> is measured in metres and needs a speed; give yours over 10 km: --speed 11"
    )


def test_the_files_own_threshold_pace_will_do(taken: Taken) -> None:
    head = "<thresholdSecPerKm>300</thresholdSecPerKm>"
    found = taken(zwo('<SteadyState Duration="800" Power=".9"/>', head=head))
    assert found.plan.steps[0].speed_kmh == pytest.approx((10.8, 10.8))


def test_a_ramp_in_metres_keeps_its_length(taken: Taken) -> None:
    found = taken(zwo('<Ramp Duration="1000" PowerLow="0.8" PowerHigh="1.2"/>', head=METRES), speed_kmh=10.0)
    (step,) = found.plan.steps
    assert step.drive is Drive.RAMP and step.speed_kmh == (8.0, 12.0)
    assert step.for_s == 360


def test_without_a_speed_the_belt_is_the_runners(taken: Taken) -> None:
    found = taken(zwo('<SteadyState Duration="120" Power="0.9"/>'))
    assert found.plan.steps[0].speed_kmh is None
    assert any("without --speed" in what for what in found.left_out)


@pytest.mark.parametrize(
    ("pace", "factor"),
    [("0", 1.116), ("1", 1.042), ("2", 1.0), ("3", 0.956), ("4", 0.917), ("8268", 1), ("-1307163960", 1), ("", 1)],
)
def test_the_pace_is_an_index_only_from_0_to_4(taken: Taken, pace: str, factor: float) -> None:
    found = taken(zwo(f'<SteadyState Duration="120" Power="1" pace="{pace}"/>'), speed_kmh=10.0)
    assert found.plan.steps[0].speed_kmh == pytest.approx((10 * factor,) * 2, abs=0.06)
    assert any("none of 0 to 4" in what for what in found.left_out) == (pace not in ("", "0", "1", "2", "3", "4"))


@pytest.mark.parametrize(
    ("attributes", "incline_pct"),
    [
        ('Incline="0.05"', 5), ('Incline="0.4"', 40), ('Incline="0.5"', 0.5), ('Incline="6"', 6),
        ('Slope="0.4"', 0.4), ('slope="7"', 7), ('Incline="-0.02"', -2), ('Incline=""', 0), ("", 0),
    ],
)  # fmt: skip
def test_inclines_of_other_programs_are_read(taken: Taken, attributes: str, incline_pct: float) -> None:
    found = taken(zwo(f'<SteadyState Duration="120" {attributes}/>'))
    assert found.plan.steps[0].incline_pct == (incline_pct, incline_pct)


def test_a_hill_interval_has_two_inclines(taken: Taken) -> None:
    found = taken(zwo('<IntervalsT Repeat="2" OnDuration="60" OffDuration="60" OnSlope="10" OffSlope="1"/>'))
    assert [step.incline_pct[0] for step in found.plan.steps] == [10, 1, 10, 1]


def test_a_slope_can_ramp(taken: Taken) -> None:
    (step,) = taken(zwo('<Ramp Duration="120" SlopeLow="2" SlopeHigh="8"/>')).plan.steps
    assert (step.drive, step.incline_pct) == (Drive.RAMP, (2, 8))


def test_an_incline_beyond_a_session_is_limited_and_told(taken: Taken) -> None:
    found = taken(zwo('<SteadyState Duration="120" Slope="-12"/>'))
    assert found.plan.steps[0].incline_pct == (-3, -3)
    assert any("-12 % became -3 %" in what for what in found.left_out)


def test_speeds_of_qz_are_metres_a_second_in_one_element_and_km_h_in_the_other(taken: Taken) -> None:
    found = taken(zwo('<SteadyState Duration="60" Speed="2.5"/><Step Duration="60" Speed="7" Incline="0.03"/>'))
    assert [step.speed_kmh for step in found.plan.steps] == [(9, 9), (7, 7)]


@pytest.mark.parametrize("turn", [str.lower, str.upper, str.title])
def test_case_does_not_matter(taken: Taken, turn: Callable[[str], str]) -> None:
    head = f"<{turn('durationtype')}>time</{turn('durationtype')}>"
    step = f'<{turn("steadystate")} {turn("duration")}="120" {turn("power")}=".8" {turn("incline")}="0.02"/>'
    found = taken(zwo(step, head=head), speed_kmh=10.0)
    assert (found.plan.steps[0].for_s, found.plan.steps[0].speed_kmh) == (120, (8, 8))


def test_texts_come_along_from_wherever_they_stand(taken: Taken) -> None:
    found = taken(
        zwo(
            '<textevent timeoffset="130" message="In the second"/>'
            '<SteadyState Duration="120"><TextEvent timeoffset="60" message="Half"/>'
            '<textevent timeoffset="0" message="Go"/></SteadyState><SteadyState Duration="120"/>'
            '<FreeRide Duration="60"/><TEXTEVENT timeoffset="9999" message="After the end"/>'
        )
    )
    assert [step.say for step in found.plan.steps] == ["Go", "In the second", "After the end"]
    assert any('"Half"' in what for what in found.left_out)


def test_cadence_becomes_a_cue_where_there_is_no_text(taken: Taken) -> None:
    assert taken(zwo('<SteadyState Duration="120" Cadence="85"/>')).plan.steps[0].say == "Cadence 85"


def test_steps_without_a_speed_are_the_runners(taken: Taken) -> None:
    found = taken(zwo('<FreeRide Duration="60" FlatRoad="1"/><Freeride Duration="60"/>'), speed_kmh=10.0)
    assert [step.speed_kmh for step in found.plan.steps] == [None, None]


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ('<SteadyState Duration="120" Power="hard"/>', "no number above 0"),
        ('<SteadyState Duration="120" Power="-1"/>', "no number above 0"),
        ('<SteadyState Duration="120" Target="5"/>', "Targets (target)."),
        ('<SteadyState Duration="3"/><SteadyState Duration="60"/>', "3 s is too short"),
        ('<Juggle Duration="3"/><SteadyState Duration="60"/>', "<juggle> (line 1) is no step"),
        ('<RestDay/><SteadyState Duration="60"/>', "too short"),
    ],
)
def test_what_stays_behind_is_listed_here_and_in_the_file(taken: Taken, step: str, words: str) -> None:
    found = taken(zwo(step), speed_kmh=10.0)
    assert any(words in what for what in found.left_out)
    assert words in found.toml.replace("\n# ", " ")


def test_more_repeats_than_the_language_has_are_written_in_two(taken: Taken) -> None:
    for times in (1, 2, 50, 51, 52, 100, 101):
        found = taken(zwo(f'<IntervalsT Repeat="{times}" OnDuration="10" OffDuration="20"/>'))
        assert len(found.plan.steps) == 2 * times


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<workout_file/>", "has no <workout>"),
        (zwo(""), "no step that a treadmill can do"),
        (zwo("<RestDay/>"), "no step that a treadmill can do"),
        (zwo('\n\n<SteadyState Power="1"/>'), ":3: <steadystate> has no duration"),
        (zwo('<SteadyState Duration="soon"/>'), "has no duration"),
        (zwo('<SteadyState Duration="NaN"/>'), 'duration: "NaN" is no ordinary number'),
        (zwo('<SteadyState Duration="60" Power="inf"/>'), 'power: "inf" is no ordinary number'),
        (zwo('<SteadyState Duration="60" Power="1e308" Speed="1e308"/>'), "ordinary number"),
        (zwo('<SteadyState Duration="60" Power="9"/>'), "must be at most 20 km/h"),
        (zwo('<SteadyState Duration="86400"/>'), "at most 3 h"),
        (zwo('<SteadyState Duration="1e300"/>'), "at most 3 h"),
        (zwo('<IntervalsT Repeat="1e9" OnDuration="9" OffDuration="9"/>'), "repeats 1e+09 times"),
        (zwo('<IntervalsT Repeat="0" OnDuration="9" OffDuration="9"/>'), "repeats 0 times"),
        (zwo("").replace("<workout>", "<workout"), "no sound XML"),
    ],
)
def test_what_cannot_be_a_session_is_refused_in_one_line(refused: Refused, text: str, words: str) -> None:
    assert words in refused(text, speed_kmh=10.0)


def test_markup_in_names_stays_text(taken: Taken) -> None:
    found = taken(zwo('<SteadyState Duration="60" Name="x"/>', name='A &amp; "B" \\ ] } # &#10; &lt;c&gt;'))
    assert found.plan.name == 'A & "B" \\ ] } # <c>'
