"""Raft, step by step: simulate the consensus algorithm and show what happened.

>>> import raftstep
>>> played = raftstep.play("leader-election")
>>> svg = raftstep.draw(played, step=3)
>>> raftstep.run(raftstep.Setup(nodes=("S1", "S2", "S3")), seed=1)
<Trace: 85 events, 3 nodes, seed 1, 1000 ms, nothing broken>

Each name is imported when it is first used, so that ``import raftstep.core`` needs the standard library alone.
"""

from typing import TYPE_CHECKING

__version__ = "0.1.0"

_HOMES = {
    "raftstep.api": ("ScenarioError", "View", "draw", "load", "play", "run", "scenarios", "transcript"),
    "raftstep.core.guards": ("Guard",),
    "raftstep.core.model": ("Settings",),
    "raftstep.document.problem": ("Place", "Problem"),
    "raftstep.scenario.model": ("Moment", "PlayedScenario", "Scenario"),
    "raftstep.simulation.alarm": ("Alarm",),
    "raftstep.simulation.cluster": ("Cluster",),
    "raftstep.simulation.events": (
        "ChangeRequest",
        "Crash",
        "Cut",
        "Heal",
        "LoseDisk",
        "Partition",
        "Pause",
        "ReadRequest",
        "Request",
        "Restart",
        "Resume",
        "SnapshotRequest",
        "Timeout",
        "TransferRequest",
    ),
    "raftstep.simulation.plan": (
        "LEADER",
        "Action",
        "MessageFault",
        "Pattern",
        "PlanError",
        "SetLink",
        "SetTimer",
        "Setup",
    ),
    "raftstep.simulation.trace": ("Step", "Trace"),
}
"""Where the names of the front door live. Below they are listed once more, for type checkers and editors."""

__all__ = [
    "LEADER",
    "Action",
    "Alarm",
    "ChangeRequest",
    "Cluster",
    "Crash",
    "Cut",
    "Guard",
    "Heal",
    "LoseDisk",
    "MessageFault",
    "Moment",
    "Partition",
    "Pattern",
    "Pause",
    "Place",
    "PlanError",
    "PlayedScenario",
    "Problem",
    "ReadRequest",
    "Request",
    "Restart",
    "Resume",
    "Scenario",
    "ScenarioError",
    "SetLink",
    "SetTimer",
    "Settings",
    "Setup",
    "SnapshotRequest",
    "Step",
    "Timeout",
    "Trace",
    "TransferRequest",
    "View",
    "draw",
    "load",
    "play",
    "run",
    "scenarios",
    "transcript",
]

if TYPE_CHECKING:
    from raftstep.api import ScenarioError, View, draw, load, play, run, scenarios, transcript
    from raftstep.core.guards import Guard
    from raftstep.core.model import Settings
    from raftstep.document.problem import Place, Problem
    from raftstep.scenario.model import Moment, PlayedScenario, Scenario
    from raftstep.simulation.alarm import Alarm
    from raftstep.simulation.cluster import Cluster
    from raftstep.simulation.events import (
        ChangeRequest,
        Crash,
        Cut,
        Heal,
        LoseDisk,
        Partition,
        Pause,
        ReadRequest,
        Request,
        Restart,
        Resume,
        SnapshotRequest,
        Timeout,
        TransferRequest,
    )
    from raftstep.simulation.plan import LEADER, Action, MessageFault, Pattern, PlanError, SetLink, SetTimer, Setup
    from raftstep.simulation.trace import Step, Trace
else:

    def __getattr__(name):
        """A name of the front door, imported from where it lives and kept for the next time."""
        from importlib import import_module

        for home, names in _HOMES.items():
            if name in names:
                value = globals()[name] = getattr(import_module(home), name)
                return value
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name, obj=import_module(__name__))

    def __dir__():
        return sorted({*globals(), *__all__})
