"""The rules of Paxos that can be left out one at a time, to see what each of them is for."""

from __future__ import annotations

from enum import Enum, unique


@unique
class Guard(Enum):
    """One rule of Paxos; its value says what it demands. Left out, the core does not keep it."""

    KEEP_PROMISE = "A node accepts nothing in a ballot below the one it has promised."
    ADOPT_REPORTED = "A new leader proposes what the promises report, where they report a value for a slot."
    HIGHEST_BALLOT = "Of the values reported for a slot, a new leader takes the one of the highest ballot."
    PREPARE_MAJORITY = "A leader needs the promises of more than half of the nodes, not of half rounded down."
    ACCEPT_MAJORITY = "A value is chosen when more than half of the nodes accept it in a ballot, not half rounded down."
    DURABLE_PROMISE = "A promise survives a crash."
    DURABLE_ACCEPTANCE = "An accepted value survives a crash."

    @property
    def sentence(self) -> str:
        """What the rule demands."""
        return self.value

    @property
    def slug(self) -> str:
        """The guard's name as the command line and pages write it, such as ``keep-promise``."""
        return self.name.lower().replace("_", "-")


NO_GUARDS: frozenset[Guard] = frozenset()
