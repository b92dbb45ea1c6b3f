"""The files with which TLC holds runs against ``RaftSteps.tla``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from raftstep.simulation.trace import Trace
from raftstep.tla.run_module import VARIABLES, write_run_module

SPECIFICATION = "RaftSteps.tla"
CHECK = "RaftCheck"

_FOLDER = Path(__file__).resolve().parent


def read_specification(name: str = SPECIFICATION) -> str:
    """The text of a module that comes with the package."""
    return (_FOLDER / name).read_text(encoding="utf-8")


def write_check_files(runs: Mapping[str, Trace]) -> dict[str, str]:
    """Every file of a check, by its name: the specification, each run as a module, and the check of them all.

    TLC starts in each state of each run and takes one step. So it prints all steps that are not allowed, and the states
    that it counts are the states of the runs. Raises :class:`ValueError` for a run that cannot be exported.
    """
    return {
        SPECIFICATION: read_specification(),
        **{f"{name}.tla": write_run_module(trace, name) for name, trace in runs.items()},
        f"{CHECK}.tla": _write_check(list(runs)),
        f"{CHECK}.cfg": "INIT Start\nNEXT Step\n",
    }


def _write_check(names: list[str]) -> str:
    instances = "\n".join(f"In{number} == INSTANCE {name}" for number, name in enumerate(names, 1))
    runs = ",\n  ".join(
        f'[name |-> "{name}", servers |-> In{number}!Server, commands |-> In{number}!Value, '
        f"first |-> In{number}!FirstTerm, noOp |-> In{number}!NoOp, "
        f"reads |-> In{number}!Reads, states |-> In{number}!Trace]"
        for number, name in enumerate(names, 1)
    )
    states = " /\\ ".join(f"{variable} = Runs[run].states[at].{variable}" for variable in VARIABLES)
    states_after = " /\\ ".join(f"{variable}' = Runs[run].states[at + 1].{variable}" for variable in VARIABLES)
    return _CHECK.format(
        name=CHECK,
        variables=", ".join(VARIABLES),
        instances=instances,
        runs=runs,
        states=states.replace(" /\\ ", "\n    /\\ "),
        states_after=states_after.replace(" /\\ ", "\n    /\\ "),
    )


_CHECK = """\
---- MODULE {name} ----
\\* Holds runs against RaftSteps. TLC starts in every state of every run and takes the run's own next step. A step that
\\* RaftSteps does not allow is printed, with the numbers of its states; where nothing is printed, all are allowed.

EXTENDS Naturals, Sequences, TLC

VARIABLES run, at, {variables}

{instances}

Runs == <<
  {runs}
>>

Rules(Server, Value, FirstTerm, NoOp, Reads) == INSTANCE RaftSteps WITH KeepsMail <- FALSE

Allows(r) ==
    \\/ Rules(r.servers, r.commands, r.first, r.noOp, r.reads)!Next
    \\/ UNCHANGED Rules(r.servers, r.commands, r.first, r.noOp, r.reads)!vars

Starts(r) == Rules(r.servers, r.commands, r.first, r.noOp, r.reads)!Init

Start ==
    /\\ run \\in 1..Len(Runs)
    /\\ at \\in 1..Len(Runs[run].states)
    /\\ {states}
    /\\ IF at > 1 \\/ \\E r \\in 1..Len(Runs) : r = run /\\ Starts(Runs[r])
       THEN TRUE
       ELSE PrintT(<<"not a start", Runs[run].name>>)

Step ==
    /\\ at < Len(Runs[run].states)
    /\\ run' = run
    /\\ at' = at + 1
    /\\ {states_after}
    /\\ IF \\E r \\in 1..Len(Runs) : r = run /\\ Allows(Runs[r])
       THEN TRUE
       ELSE PrintT(<<"not allowed", Runs[run].name, at, at + 1>>)
====
"""
