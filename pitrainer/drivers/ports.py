"""The two doors of the controller: a `Source` brings readings, a `Machine` brings them and takes commands.

A driver keeps its own link alive, for ever, in a visible loop: connect, set up, read, lose, wait, again. It hands
each reading to `post`, which never blocks and never raises, stamped with `asyncio.get_running_loop().time()`. It
never starts a belt and never sends a set-point on its own account, with one exception: when a lease lapses
(`model.LEASE_S` without `apply`) while the belt moves, it ramps the belt down.

After every (re)connection a machine driver sends no set-point but a stop until it has seen the belt at a
standstill, or until `START` is commanded: a reconnect never re-applies anything.
"""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Protocol, Self, TypeAlias

from pitrainer.model import Command, MachineLimits, Reading

Post: TypeAlias = Callable[[Reading], None]


class Source(Protocol):
    """Something that only reports, such as a heart strap."""

    async def run(self, post: Post) -> None:
        """Report until cancelled. Errors of the link are reported as `LinkState` and survived."""


class Machine(Protocol):
    """A treadmill or a lift. As a context it holds the link open; leaving it closes the link without a word to
    the belt (whoever leaves has halted first)."""

    @property
    def limits(self) -> MachineLimits:
        """The profile narrowed by what the machine itself reported, once connected."""

    def attach(self, post: Post) -> None:
        """Where readings go. Called once, before the context is entered."""

    def apply(self, command: Command) -> None:
        """Take the newest command as a lease of `LEASE_S`; the latest wins. Never blocks, never raises."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
