"""What sessions have learned of an athlete's heart, kept between them in one small file per athlete.

Written anew after each session, all or nothing. A file that cannot be understood is put aside as `.bad` and the
controller starts without: what was learned makes it better, never safer or bolder. Forgetting is removing the file.
"""

from __future__ import annotations

import json
import logging
import os
import re
from pathlib import Path

from pitrainer.core.learned import LearnedHeart, from_dict, to_dict

log = logging.getLogger(__name__)

LEAST_S = 600.0
"""A session that heard less than ten minutes of heart has learned nothing worth keeping."""


class Learning:
    """One athlete's file in `directory`."""

    def __init__(self, directory: Path, athlete: str) -> None:
        slug = re.sub(r"[^a-z0-9]+", "-", athlete.lower()).strip("-")[:40] or "athlete"
        self.path = directory / f"learned-{slug}.json"

    def load(self) -> LearnedHeart | None:
        """What is known, None where nothing is. Never raises."""
        try:
            return from_dict(json.loads(self.path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError, RecursionError) as error:
            log.warning("%s cannot be used (%s): starting without it.", self.path, error)
            self._put_aside()
            return None

    def keep(self, learned: LearnedHeart) -> None:
        """Replace what was known. Never raises; a disk that refuses is logged."""
        fresh = self.path.with_suffix(".new")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with fresh.open("w", encoding="utf-8") as file:
                json.dump(to_dict(learned), file)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self.path)
        except OSError as error:
            log.warning("what this session learned could not be kept in %s: %s", self.path, error)

    def forget(self) -> bool:
        """Was there anything to forget? Raises OSError where it cannot be removed."""
        if not self.path.exists():
            return False
        self.path.unlink()
        return True

    def _put_aside(self) -> None:
        try:
            self.path.replace(self.path.with_suffix(".bad"))
        except OSError as error:
            log.warning("%s could not be put aside: %s", self.path, error)
