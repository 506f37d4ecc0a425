from __future__ import annotations

from typing import Any

import pytest

from pitrainer.homeassistant import Household


@pytest.fixture
def household() -> Household:
    titles = {"Capped climb": "capped-climb", "Hill intervals": "hill-intervals"}
    return Household("t-07", titles=titles, page="http://pi.local:8080")


@pytest.fixture
def payload(household: Household) -> dict[str, Any]:
    return household.announcement()[1]
