"""The list of sessions: what the page gets of good, broken and changing files."""

from __future__ import annotations

from pathlib import Path

import pytest

from pitrainer.web.library import Library

GOOD = 'name = "Hill"\npurpose = "Up"\nsteps = [ { for = "10:00", incline = 5, speed = 5 } ]\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "hill.toml").write_text(GOOD)
    return tmp_path


def test_a_session_comes_with_its_length_and_a_profile(folder: Path) -> None:
    (row,) = Library([folder], None)()
    assert (row["name"], row["title"], row["purpose"], row["problems"]) == ("hill", "Hill", "Up", [])
    assert row["estimated_s"] == 600
    assert [(step["incline_pct"], step["estimated_s"]) for step in row["steps"]] == [([5.0, 5.0], 600.0)]


def test_a_broken_file_is_listed_with_its_problem(folder: Path) -> None:
    (folder / "broken.toml").write_text("name = 3")
    broken = Library([folder], None)()[0]
    assert broken["name"] == "broken"
    assert "broken.toml:1" in broken["problems"][0]
    assert (broken["steps"], broken["estimated_s"]) == ([], None)


def test_a_new_file_shows_up_and_a_removed_one_goes(folder: Path) -> None:
    library = Library([folder], None)
    assert len(library()) == 1
    (folder / "more.toml").write_text(GOOD)
    assert [row["name"] for row in library()] == ["hill", "more"]
    (folder / "hill.toml").unlink()
    assert [row["name"] for row in library()] == ["more"]


def test_an_unchanged_folder_is_not_read_again(folder: Path) -> None:
    library = Library([folder], None)
    assert library() is library()


def test_a_missing_folder_is_an_empty_one(tmp_path: Path) -> None:
    assert Library([tmp_path / "nowhere"], None)() == []
