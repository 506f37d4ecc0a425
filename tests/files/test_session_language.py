"""The language of docs/sessions.md: what each word becomes, and what each wrong word is told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitrainer import sessions
from pitrainer.core.athlete import Athlete
from pitrainer.model import Drive, Plan, Step
from pitrainer.sessions.values import Duration, HeartRate
from pitrainer.tomlfile import FileError

Session = Callable[..., Path]
ATHLETE = Athlete(hr_max_bpm=185, hr_rest_bpm=55)


def step_of(path: Path, athlete: Athlete | None = ATHLETE) -> Step:
    (step,) = sessions.load(path, athlete=athlete).steps
    return step


def refusal(path: Path) -> list[str]:
    with pytest.raises(sessions.SessionError) as refused:
        sessions.load(path)
    return [str(problem).removeprefix(str(path)) for problem in refused.value.problems]


def test_a_timed_leg_is_fixed(session: Session) -> None:
    path = session('{ name = "Up", say = "Short steps", for = "2:00", incline = 12, speed = 7.2, hr_max = 150 }')
    assert step_of(path) == Step(
        name="Up",
        drive=Drive.FIXED,
        incline_pct=(12.0, 12.0),
        speed_kmh=(7.2, 7.2),
        for_s=120.0,
        cap_bpm=150.0,
        say="Short steps",
    )


def test_a_leg_without_speed_leaves_the_belt_to_the_runner(session: Session) -> None:
    assert step_of(session('{ for = "60s", incline = 3 }')).speed_kmh is None


def test_a_leg_without_a_name_is_called_by_its_kind(session: Session) -> None:
    path = session(
        '{ for = "60s", incline = 3 },{ ramp = "60s", incline = 3 },{ distance = 50, incline = 3, speed = 5 }'
    )
    assert [step.name for step in sessions.load(path).steps] == ["Steady", "Ramp", "Distance"]


def test_a_ramp_has_both_ends(session: Session) -> None:
    step = step_of(session('{ ramp = "5:00", incline = [1, 6], speed = [5, 6] }'))
    assert (step.drive, step.incline_pct, step.speed_kmh, step.for_s) == (Drive.RAMP, (1, 6), (5, 6), 300)


def test_a_ramp_may_go_down_and_keep_its_speed(session: Session) -> None:
    step = step_of(session('{ ramp = "5:00", incline = [6, 1], speed = 5 }'))
    assert (step.incline_pct, step.speed_kmh) == ((6, 1), (5, 5))


def test_a_climb_has_a_range_and_a_cap(session: Session) -> None:
    step = step_of(session('{ climb = "40min", hr_max = 155, incline = [4, 15], speed = 5.5 }'))
    assert (step.drive, step.incline_pct, step.cap_bpm, step.for_s) == (Drive.CLIMB, (4, 15), 155, 2400)


@pytest.mark.parametrize(
    ("length", "metres"), [("400", 400), ('"400 m"', 400), ('"2 km"', 2000), ('"1 mi"', 1609.344), ("400.5", 400.5)]
)
def test_a_distance_is_metres_or_says_its_unit(session: Session, length: str, metres: float) -> None:
    step = step_of(session(f"{{ distance = {length}, incline = 1, speed = 5 }}"))
    assert step.distance_m == pytest.approx(metres)
    assert (step.for_s, step.ascent_m) == (None, None)


@pytest.mark.parametrize(("length", "metres"), [("60", 60), ('"60 m"', 60), ('"200ft"', 60.96)])
def test_an_ascent_is_metres_or_says_its_unit(session: Session, length: str, metres: float) -> None:
    step = step_of(session(f"{{ ascent = {length}, incline = 10, speed = 5 }}"))
    assert step.ascent_m == pytest.approx(metres)
    assert (step.for_s, step.distance_m) == (None, None)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("10:00", 600),
        ("0:30", 30),
        ("90:00", 5400),
        ("1:10:00", 4200),
        ("90s", 90),
        ("40min", 2400),
        ("1h", 3600),
        ("1h 30min", 5400),
        ("1min30s", 90),
        ("1.5h", 5400),
        ("3h", 10800),
        ("5s", 5),
    ],
)
def test_a_time_is_read_as_people_write_it(text: str, seconds: float) -> None:
    assert Duration.read(text).s == seconds


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (120, 'times need a unit: write "120s" or "120min", in quotes'),
        (1.5, 'times need a unit: write "1.5s" or "1.5min", in quotes'),
        ("5m", '"5m" is no time; "m" means metres, write "5min"'),
        ("ten", '"ten" is no time; write "90s", "40min", "1h" or "10:00"'),
        ("", '"" is no time; write "90s", "40min", "1h" or "10:00"'),
        ("10:75", '"10:75" is no time: seconds, and minutes after hours, must be below 60'),
        ("1:75:00", '"1:75:00" is no time: seconds, and minutes after hours, must be below 60'),
        ("10:0", 'must be a time like "10:00" or "1:10:00", not "10:0"'),
        ("٣:٠٠", 'must be a time like "10:00" or "1:10:00", not "٣:٠٠"'),
        ("٣0s", '"٣0s" is no time; write "90s", "40min", "1h" or "10:00"'),
        ("1.2.3s", '"1.2.3" is no number'),
        ("4s", 'must be between 5 s and 3 h, not "4s"'),
        ("3h 1s", 'must be between 5 s and 3 h, not "3h 1s"'),
        ("-5s", '"-5s" is no time; write "90s", "40min", "1h" or "10:00"'),
        (True, 'must be a time like "10:00" or "90s", not true'),
    ],
)
def test_a_time_that_nobody_can_read_is_refused_with_the_cure(value: object, words: str) -> None:
    with pytest.raises(ValueError) as refused:
        Duration.read(value)
    assert str(refused.value) == words


def test_a_bare_toml_time_is_asked_for_in_quotes(session: Session) -> None:
    assert refusal(session("{ for = 10:00:00, incline = 1 }")) == [
        ':3: step 1 of 1, for: write times in quotes: "10:00:00"'
    ]


@given(st.integers(5, 3 * 3600))
def test_every_time_reads_the_same_as_clock_and_as_span(seconds: int) -> None:
    minutes, rest = divmod(seconds, 60)
    clock = f"{minutes // 60}:{minutes % 60:02}:{rest:02}"
    assert Duration.read(clock) == Duration.read(f"{minutes}min {rest}s") == Duration.read(f"{seconds}s")


@pytest.mark.parametrize(
    ("key", "value", "bpm"),
    [
        ("hr_max", "150", 150),
        ("hr_max", '"84%"', 155),
        ("hr_max", '"75% reserve"', 152),
        ("hr_max", '"zone 3"', 148),
        ("hr_max", '"zone 5"', 185),
        ("until_hr_above", '"zone 3"', 148),
        ("until_hr_below", '"zone 3"', 130),
        ("until_hr_below", '"zone 1"', 92),
        ("until_hr_below", '"67.5%"', 125),
    ],
)
def test_a_heart_rate_becomes_beats_of_this_athlete(session: Session, key: str, value: str, bpm: float) -> None:
    step = step_of(session(f'{{ for = "10:00", incline = 1, {key} = {value} }}'))
    found = {
        "hr_max": step.cap_bpm,
        "until_hr_below": step.until_hr_below_bpm,
        "until_hr_above": step.until_hr_above_bpm,
    }
    assert found == {"hr_max": None, "until_hr_below": None, "until_hr_above": None} | {key: bpm}


def test_without_an_athlete_the_default_one_stands_in(session: Session) -> None:
    assert step_of(session('{ for = "10:00", incline = 1, hr_max = "80%" }'), None).cap_bpm == 144


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("59", "must be at least 60, not 59"),
        ("221", "must be at most 220, not 221"),
        ('"20%"', "is 36 bpm for this athlete; must be at least 60"),
        ('"101%"', "must be at most 100 %, not 101 %"),
        ('"zone 6"', 'must be bpm like 150, or text like "85%", "75% reserve" or "zone 3"; not the text "zone 6"'),
        ('"150"', 'must be bpm like 150, or text like "85%", "75% reserve" or "zone 3"; not the text "150"'),
        ("true", 'must be bpm like 150, or text like "85%", "75% reserve" or "zone 3"; not true'),
        ("nan", "must be an ordinary number, not nan or inf"),
    ],
)
def test_a_heart_rate_that_no_runner_has_is_refused(session: Session, value: str, words: str) -> None:
    path = session(f'{{ for = "10:00", incline = 1, hr_max = {value} }}')
    assert refusal(path) == [f":3: step 1 of 1, hr_max: {words}"]


@given(st.integers(60, 220))
def test_a_number_of_beats_is_nobodys_share(bpm: int) -> None:
    assert HeartRate.read(bpm).bpm(ATHLETE) == bpm


def test_ends_by_tap_and_by_heart_rate_stand_beside_the_bound(session: Session) -> None:
    step = step_of(session('{ for = "4:00", incline = 1, until_tap = true, until_hr_below = 120 }'))
    assert (step.for_s, step.until_tap, step.until_hr_below_bpm) == (240, True, 120)


def test_repeats_are_unrolled_in_order(session: Session) -> None:
    first, second, third = (f'{{ name = "{name}", for = "9s", incline = 1 }}' for name in "ABC")
    path = session(f"{{ repeat = 2, steps = [ {first}, {{ repeat = 2, steps = [ {second}, {third} ] }} ] }}")
    assert "".join(step.name for step in sessions.load(path).steps) == "ABCBCABCBC"


def test_miles_turn_into_kilometres(session: Session) -> None:
    path = session('{ distance = "0.25 mi", incline = 1, speed = 3 }', top='units = "mi"\n')
    step = step_of(path)
    assert list(step.speed_kmh or ()) == pytest.approx([4.828032, 4.828032])
    assert step.distance_m == pytest.approx(402.336)


def test_a_bare_length_in_a_file_of_miles_is_refused(session: Session) -> None:
    path = session("{ distance = 400, incline = 1, speed = 3 }", top='units = "mi"\n')
    assert refusal(path) == [
        ':4: step 1 of 1, distance: needs a unit in a file with units = "mi"; write "400 m" or "0.25 mi", in quotes'
    ]


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ("{ incline = 1 }", ": needs exactly one of for, distance, ascent, ramp, climb, repeat; it has none"),
        (
            '{ for = "60s", distance = 5, incline = 1 }',
            ": needs exactly one of for, distance, ascent, ramp, climb, repeat; it has for and distance",
        ),
        ('{ for = "60s" }', ': "incline" is missing'),
        ('{ for = "60s", incline = 1, inclne = 2 }', ', inclne: unknown key; did you mean "incline"?'),
        ('{ for = "60s", incline = 41 }', ", incline: must be at most 40 %, not 41"),
        ('{ for = "60s", incline = -3.1 }', ", incline: must be at least -3 %, not -3.1"),
        ('{ for = "60s", incline = nan }', ", incline: must be an ordinary number, not nan or inf"),
        ('{ for = "60s", incline = 1e9 }', ", incline: must be at most 40 %, not 1e+09"),
        ('{ for = "60s", incline = true }', ", incline: must be a number, not true"),
        ('{ for = "60s", incline = "5" }', ', incline: must be a number, not the text "5"'),
        (
            '{ for = "60s", incline = [1, 2] }',
            ", incline: must be one number here, not [1, 2]; [from, to] belongs in a ramp or climb",
        ),
        (
            '{ for = "60s", incline = 1, speed = [1, 2] }',
            ", speed: must be one number here, not [1, 2]; [from, to] belongs in a ramp",
        ),
        ('{ ramp = "60s", incline = [1, 2, 3] }', ", incline: must be a number or [from, to], not [1, 2, 3]"),
        ('{ for = "60s", incline = 1, speed = 20.1 }', ", speed: must be at most 20 km/h, not 20.1"),
        (
            '{ for = "60s", incline = 1, speed = 0 }',
            ", speed: must be at least 0.5 km/h, not 0; leave speed out to leave the belt to the runner",
        ),
        ('{ for = "60s", incline = 1, speed = -5 }', ", speed: must be at least 0.5 km/h, not -5"),
        ('{ climb = "60s", incline = [1, 9] }', ': "hr_max" is missing'),
        (
            '{ climb = "60s", hr_max = 150, incline = 9 }',
            ", incline: must be [lowest, highest] in a climb, like [2, 15], not the number 9",
        ),
        (
            '{ climb = "60s", hr_max = 150, incline = [9, 2] }',
            ", incline: must be [lowest, highest] in a climb, like [2, 15], not [9, 2]",
        ),
        ("{ distance = 400, incline = 1 }", ': "speed" is missing'),
        ("{ distance = 9, incline = 1, speed = 5 }", ", distance: must be between 10 and 50000 m, not 9 m"),
        ("{ ascent = 60, incline = 0, speed = 5 }", ", incline: must be above 0 in a leg that ends by ascent"),
        (
            '{ ascent = "60 yd", incline = 1, speed = 5 }',
            ', ascent: must be metres, or text like "400 m", "2 km" or "1 mi"; not the text "60 yd"',
        ),
        ("{ repeat = 1, steps = [] }", ", repeat: must be at least 2, not 1"),
        ("{ repeat = 51, steps = [] }", ", repeat: must be at most 50, not 51"),
        ("{ repeat = 2, steps = [] }", ", steps: is empty; at least one is needed"),
        (
            '{ repeat = 2, hr_max = 150, steps = [ { for = "9s", incline = 1 } ] }',
            ', hr_max: does not belong beside "repeat"; allowed: repeat, steps',
        ),
        ('{ for = "60s", incline = 1, until_tap = 1 }', ", until_tap: must be true or false, not the number 1"),
        ('{ for = "60s", incline = 1, say = "a\\nb" }', ", say: must be one line of ordinary characters"),
        ('{ for = "60s", incline = 1, name = "" }', ', name: must not be empty; write a name like "Climb"'),
        (
            '{ for = "60s", incline = 40, speed = 20 }',
            ": this incline at this speed takes about 190 ml O2/kg/min; nobody has more than 90: "
            "lower the speed or the incline",
        ),
    ],
)
def test_a_wrong_step_is_told_what_is_allowed(session: Session, step: str, words: str) -> None:
    assert f":3: step 1 of 1{words}" in refusal(session(step))


def test_the_place_names_every_step_on_the_way(session: Session) -> None:
    good = '{ for = "9s", incline = 1 }'
    path = session(f'{good},\n{{ repeat = 2, steps = [\n{good},\n{{ name = "Up", for = 9, incline = 1 }} ] }}')
    assert refusal(path) == [
        ':6: step 2 of 2, step 2 of 2 "Up", for: times need a unit: write "9s" or "9min", in quotes'
    ]


def test_repeats_within_bounds_are_read_and_beyond_them_refused(session: Session) -> None:
    def nested(depth: int, times: int = 2) -> str:
        inside = '{ for = "5s", incline = 1 }'
        for _ in range(depth):
            inside = f"{{ repeat = {times}, steps = [ {inside} ] }}"
        return inside

    assert len(sessions.load(session(nested(4))).steps) == 16
    assert refusal(session(nested(5)))[0].endswith("repeats nest more than 4 deep; write them out")
    assert refusal(session(nested(4, 50)))[0].endswith(
        "has 6250000 steps with its repeats unrolled; at most 500 are allowed"
    )


def test_a_session_lasts_at_most_three_hours(session: Session) -> None:
    assert sessions.plan_s(sessions.load(session('{ for = "1h", incline = 1 },' * 3))) == 10800
    (line,) = refusal(session('{ for = "1h", incline = 1 },' * 3 + '\n{ for = "5s", incline = 1 }'))
    assert line == ":4: step 4 of 4: here the session passes 3 h; a session may last at most 3 h"


def test_one_mistake_in_a_repeat_is_told_once(session: Session) -> None:
    path = session('{ repeat = 20, steps = [ { for = "9s", incline = 1, speed = 99 } ] }')
    assert len(refusal(path)) == 1


@given(
    incline=st.floats(allow_nan=True, allow_infinity=True) | st.integers(),
    speed=st.floats(allow_nan=True, allow_infinity=True) | st.integers(),
)
def test_whatever_a_file_asks_a_plan_stays_inside_the_envelope(
    tmp_path_factory: pytest.TempPathFactory, incline: float, speed: float
) -> None:
    path = tmp_path_factory.mktemp("any") / "x.toml"
    path.write_text(f'name = "x"\nsteps = [ {{ for = "60s", incline = {incline!r}, speed = {speed!r} }} ]')
    try:
        plan = sessions.load(path)
    except FileError:
        return
    (step,) = plan.steps
    assert step.speed_kmh is not None
    assert 0.5 <= step.speed_kmh[0] <= 20
    assert -3 <= step.incline_pct[0] <= 40


def test_a_refusal_is_a_value_error_with_one_line_per_problem(session: Session) -> None:
    path = session("{ for = 1, incline = 50 }")
    with pytest.raises(ValueError) as refused:
        sessions.load(path)
    assert str(refused.value).count("\n") == 1


def test_a_plan_is_dumped_in_the_shape_that_goes_over_mqtt(session: Session) -> None:
    path = session('{ name = "Hill", ascent = 60, incline = 10, speed = 5, hr_max = 150 }', top='purpose = "Up"\n')
    dumped = sessions.dumps_plan(sessions.load(path))
    assert dumped == {
        "v": 1,
        "session": "Test",
        "purpose": "Up",
        "estimated_s": 434.2,
        "steps": [
            {
                "name": "Hill",
                "drive": "fixed",
                "incline_pct": [10.0, 10.0],
                "speed_kmh": [5.0, 5.0],
                "for_s": None,
                "distance_m": None,
                "ascent_m": 60.0,
                "cap_bpm": 150.0,
                "estimated_s": 434.2,
                "say": "",
            }
        ],
    }


def test_a_step_is_estimated_by_what_ends_it() -> None:
    walk = Step("x", Drive.FIXED, (0.0, 0.0), (6.0, 6.0), distance_m=100.0)
    assert sessions.step_s(walk) == pytest.approx(60.0)
    own = Step("x", Drive.FIXED, (0.0, 0.0), None, distance_m=100.0)
    assert sessions.step_s(own) == pytest.approx(72.0)
    assert sessions.plan_s(Plan("x", (walk, own))) == pytest.approx(132.0)
