"""Courses: a GPX file -> its cleaned profile -> stretches with heart-rate bands -> a session. See docs/courses.md."""

from pitrainer.courses.plan import Rehearsal, Wishes, rehearse
from pitrainer.courses.profile import Profile, clean
from pitrainer.courses.straight import Piece
from pitrainer.courses.stretches import BANDS, Ground, Stretch, classed

__all__ = ["BANDS", "Ground", "Piece", "Profile", "Rehearsal", "Stretch", "Wishes", "classed", "clean", "rehearse"]
