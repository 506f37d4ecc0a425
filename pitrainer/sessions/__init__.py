"""Session files: TOML that a person writes, a Plan for one athlete. The language is in docs/sessions.md."""

from pitrainer.sessions.estimate import plan_s, step_s
from pitrainer.sessions.library import SessionFile, available, find
from pitrainer.sessions.lint import check
from pitrainer.sessions.loader import SessionError, load
from pitrainer.sessions.shape import dumps_plan
from pitrainer.tomlfile import Problem

__all__ = [
    "Problem",
    "SessionError",
    "SessionFile",
    "available",
    "check",
    "dumps_plan",
    "find",
    "load",
    "plan_s",
    "step_s",
]
