"""Real processes, killed and frozen in mid-run: the page and the broker may die, the session goes on; the controller
may die, and nothing starts again by itself. Real time, so few tests, each with several claims along one run."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from process_kit import ServiceManager, Site, site, wait_until

from pitrainer import history


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Site]:
    with site(tmp_path) as made:
        yield made


def test_the_session_outlives_the_page_and_the_broker_and_sigterm_ramps_it_down(place: Site) -> None:
    place.start_controller()
    place.start_web()
    place.walks()
    running = place.sees("the program steers", lambda state: state["phase"] == "running")

    place.web.kill()
    place.sees("the count goes on without a page", lambda state: state["seq"] > running["seq"] + 4)

    before = place.remote.state()
    assert before is not None
    place.broker.kill()
    place.goes_on_for(3.0)
    place.start_broker()
    after = place.sees("the state after the broker's death", lambda state: state["seq"] > before["seq"] + 8)
    assert after["phase"] == "running"

    place.broker.tell(signal.SIGSTOP)
    place.goes_on_for(5.0)
    place.broker.tell(signal.SIGCONT)
    place.sees("the state after the broker's sleep", lambda state: state["seq"] > after["seq"] + 12)

    place.controller.tell(signal.SIGTERM)
    assert place.controller.ends() == 0
    assert not place.marker.exists()
    _was_never_interrupted(place)


def _was_never_interrupted(place: Site) -> None:
    record = history.read(place.directory / "journal.sqlite3", "last")
    steered = [row for row in record.samples if row["phase"] == "running"]
    assert len(steered) > 8
    assert all(row["speed_kmh"] > 0.5 for row in steered), "the belt never stopped"
    falling = [row["speed_kmh"] for row in record.samples if row["phase"] == "done"]
    assert falling == sorted(falling, reverse=True) and falling[-1] < 0.5, "and came down in the end"
    assert record.session.ended == "left"
    assert "Traceback" not in place.controller.said()


def test_a_killed_controller_is_halted_from_outside_and_starts_nothing_when_it_is_back(tmp_path: Path) -> None:
    with site(tmp_path, over_unix=True, page_start=False) as place:
        place.start_controller()
        place.arms()
        place.remote.send_sim("console_start")
        place.sees("the belt moves", lambda state: (state["speed_kmh"] or 0.0) > 0.5)
        place.goes_on_for(1.0)
        _second_is_refused(place)
        last = place.sees("the belt moves", lambda state: state["phase"] in ("starting", "running"))

        place.controller.kill()
        assert place.marker.exists()
        first = place.pitrainer("halt", "--reason", "signal")
        assert (first.returncode, first.stdout) == (0, "The belt stands.\n"), first
        assert not place.marker.exists()
        again = place.pitrainer("halt", "--reason", "signal")
        assert (again.returncode, again.stdout) == (0, "The controller was not moving the belt: nothing to halt.\n")

        place.start_controller()
        _was_cut_off(place)
        state = place.sees("a new count and a heart rate", lambda s: s["seq"] < last["seq"] and s["hr_bpm"])
        assert (state["phase"], state["session"], state["speed_target_kmh"]) == ("idle", None, None)
        refused = place.remote.send("start", timeout_s=10.0)
        assert refused is not None and not refused.ok


def _second_is_refused(place: Site) -> None:
    second = place.pitrainer("run")
    assert second.returncode == 75
    assert "another controller runs already" in second.stderr and "Traceback" not in second.stderr


def _was_cut_off(place: Site) -> None:
    said = place.controller.said()
    assert "1 session(s) had been cut off" in said
    (session,) = history.sessions(place.directory / "journal.sqlite3")
    assert session.ended == "cut off"
    assert session.elapsed_s is not None and session.elapsed_s >= 1.0


def test_a_controller_that_dies_unattended_says_at_its_next_start_what_it_will_not_do(place: Site) -> None:
    place.marker.touch()
    place.start_controller()
    said = place.controller.said()
    assert "died while it moved the belt. Nothing is sent until you arm again." in said


def test_a_living_controller_does_what_halt_asks_and_tells_systemd_how_it_is(tmp_path: Path) -> None:
    with site(tmp_path) as place:
        systemd = ServiceManager(tmp_path)
        place.controller.environment["NOTIFY_SOCKET"] = str(systemd.path)
        place.start_controller()
        systemd.hears("READY=1")
        systemd.hears("WATCHDOG=1")
        _is_silent_while_frozen(place, systemd)

        place.walks()
        halted = place.pitrainer("halt")
        assert (halted.returncode, halted.stdout) == (0, "The controller is stopping the belt.\n"), halted
        place.sees("the belt stands", lambda state: state["phase"] == "done" and state["speed_kmh"] == 0.0)

        place.controller.tell(signal.SIGTERM)
        systemd.hears("STOPPING=1")
        assert place.controller.ends() == 0
        systemd.close()


def _is_silent_while_frozen(place: Site, systemd: ServiceManager) -> None:
    """A frozen process feeds no watchdog: between SIGSTOP and SIGCONT the broker's word `offline` comes, no other."""
    place.controller.tell(signal.SIGSTOP)
    wait_until(lambda: _stopped(place), "the kernel has stopped it")
    systemd.listen()
    wait_until(lambda: (place.remote.state_age_s() or 0.0) > 2.0, "the state grows old")
    assert systemd.listen() == []
    place.controller.tell(signal.SIGCONT)
    systemd.hears("WATCHDOG=1")


def _stopped(place: Site) -> bool:
    return Path(f"/proc/{place.controller.running.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"
