"""Hold all runs that can be exported against the published raft.tla, as it is, with TLC.

``python -m tests.tools.published_raft PATH/TO/raft.tla`` prints what came of it (some minutes). With ``--record`` it
also writes ``docs/data/published-raft.json``, which the About page shows. The file is not part of this repository: its
address and its commit are in ``docs/data/codex/sources.yaml`` under ``ongaro-raft-tla``.

An event of ours is several small steps there. So TLC starts in each state of a run and looks for a path of steps of the
specification's own Next to the run's following state. Two differences are known and counted apart:

- *batch*: an AppendEntries request with several entries is sent or taken. The specification sends one entry at a time
  and says that several may be treated as several requests: a request that is taken is put there as these, one that is
  sent is not looked for.
- *commit kept*: an old request leaves the commit index as it is, where the specification lowers it and says that this
  does not matter.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from raftstep.core.messages import AppendEntries
from raftstep.core.model import NodeId
from raftstep.simulation.events import event_node
from raftstep.simulation.trace import Step, Trace
from raftstep.tla.run_module import VARIABLES, write_run_module
from raftstep.tla.write_values import write_function, write_name, write_set
from tests.tla.runs import LEFT_OUT, broken_run, exportable_shipped_runs, module_name, random_runs
from tests.tla.tlc import NONE_FOUND, Tlc, find_tlc, run_tlc

TEMPLATE = Path(__file__).with_name("published_raft.tla.in")
RECORD = Path(__file__).resolve().parents[2] / "docs" / "data" / "published-raft.json"

RUNS_IN_A_CALL = 6
"""How many runs TLC gets at once, so that the program can say how far it is."""

FAULTS = 40
"""How many faults a broken run may have that is held against the published specification."""

AS_IT_IS, BATCH, COMMIT_KEPT, NOT_ALLOWED = "as it is", "batch", "commit kept", "not allowed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How the steps of some runs were judged, and those that are not allowed, as (run, step)."""

    runs: int
    steps: Counter[str]
    refused: tuple[tuple[str, int], ...]


def judge_runs(tlc: Tlc, specification: str, runs: Mapping[str, Trace]) -> Verdict:
    """Hold every step of these runs against the text of raft.tla."""
    counts: Counter[str] = Counter()
    refused: list[tuple[str, int]] = []
    for group in _group_by_nodes(runs):
        reached = _search_paths(tlc, specification, group)
        for name, trace in group.items():
            for step in trace.steps[1:]:
                verdict = _judge_step(trace, step, reached.get((module_name(name), step.number), set()))
                counts[verdict] += 1
                if verdict == NOT_ALLOWED:
                    refused.append((name, step.number))
        print(f"{', '.join(group)}: {dict(counts)} so far", file=sys.stderr, flush=True)
    return Verdict(runs=len(runs), steps=counts, refused=tuple(refused))


def _group_by_nodes(runs: Mapping[str, Trace]) -> list[dict[str, Trace]]:
    """The runs in groups of one set of nodes, for it is a constant of the specification, and of some runs each."""
    groups: dict[tuple[NodeId, ...], list[dict[str, Trace]]] = {}
    for name, trace in runs.items():
        same_nodes = groups.setdefault(trace.start.ids, [{}])
        if len(same_nodes[-1]) == RUNS_IN_A_CALL:
            same_nodes.append({})
        same_nodes[-1][name] = trace
    return [group for same_nodes in groups.values() for group in same_nodes]


def _judge_step(trace: Trace, step: Step, goals: set[str]) -> str:
    if not goals:
        return NOT_ALLOWED
    if "same" not in goals:
        return COMMIT_KEPT
    return AS_IT_IS if _batches(step) == _batches(trace.steps[step.number - 1]) else BATCH


def _batches(step: Step) -> Counter[AppendEntries]:
    messages = (packet.message for packet in step.cluster.packets)
    return Counter(message for message in messages if isinstance(message, AppendEntries) and len(message.entries) > 1)


def _search_paths(tlc: Tlc, specification: str, runs: Mapping[str, Trace]) -> dict[tuple[str, int], set[str]]:
    """For each step that the specification allows, by the run's module and the step: how its end was reached."""
    modules = {module_name(name): trace for name, trace in runs.items()}
    files = {
        "raft.tla": specification,
        **{f"{name}.tla": write_run_module(trace, name) for name, trace in modules.items()},
        "Published.tla": _write_module(modules),
        "Published.cfg": _write_configuration(),
    }
    findings = run_tlc(tlc, files, "Published", timeout_s=3600)
    if not findings.has_finished:
        raise RuntimeError(f"TLC did not come to an end:\n{findings.output[-3000:]}")
    reached: dict[tuple[str, int], set[str]] = {}
    for line in findings.printed:
        if match := re.fullmatch(r'<<"reached", "(\w+)", (\d+), "(\w+)">>', line):
            reached.setdefault((match[1], int(match[2])), set()).add(match[3])
    return reached


def _write_module(runs: Mapping[str, Trace]) -> str:
    ids = next(iter(runs.values())).start.ids
    names = list(runs)
    entries = ",\n  ".join(
        f'[name |-> "{name}", states |-> P_{name}!Trace, actors |-> <<{", ".join(_list_actors(runs[name]))}>>]'
        for name in names
    )
    words = {
        "@INSTANCES@": "\n".join(f"P_{name} == INSTANCE {name}" for name in names),
        "@RUNS@": entries,
        "@SERVERS@": write_set(ids, ids),
        "@RANKS@": write_function((id, str(rank)) for rank, id in enumerate(ids)),
        "@VALUES@": " \\union ".join([*(f"P_{name}!Value" for name in names), '{"no-op"}']),
        "@START@": "\n    ".join(f"/\\ {name} = P_Before.{name}" for name in VARIABLES[1:]),
        "@SAME@": "\n    ".join(f"/\\ {name} = P_After.{name}" for name in VARIABLES[1:] if name != "commitIndex"),
        "@OTHERS@": "\n         ".join(f"/\\ {name}[k] = P_Before.{name}[k]" for name in VARIABLES[1:]),
        "@VIEW@": ", ".join(VARIABLES),
    }
    text = TEMPLATE.read_text(encoding="utf-8")
    for word, replacement in words.items():
        text = text.replace(word, replacement)
    return text


def _list_actors(trace: Trace) -> Iterator[str]:
    """The node at which each step after the first happens; nothing else can have changed."""
    return (write_name(event_node(step.event)) for step in trace.steps[1:])


def _write_configuration() -> str:
    names = ("Follower", "Candidate", "Leader", "Nil", "RequestVoteRequest", "RequestVoteResponse")
    names += ("AppendEntriesRequest", "AppendEntriesResponse")
    constants = "".join(f'  {name} = "{name}"\n' for name in names)
    return (
        f"CONSTANTS\n{constants}  Server <- P_Servers\n  Value <- P_Values\n"
        "INIT P_Init\nNEXT P_Next\nCONSTRAINT P_Constraint\nVIEW P_View\n"
    )


def broken_runs() -> dict[str, Trace]:
    """Runs without a rule of Figure 2, each up to the step that the rule would have forbidden.

    Only short ones: where many messages are under way for long, there are too many paths to look for.
    """
    return {f"without-{guard.slug}": broken_run(guard) for guard, draw in LEFT_OUT.items() if draw.faults <= FAULTS}


RUNS = {"shipped": exportable_shipped_runs, "random": random_runs, "broken": broken_runs}
"""The runs by their kind. Every broken one must be refused at its last step, and no other step of any run."""


def main() -> int:
    parser = argparse.ArgumentParser(description="Hold all runs that can be exported against the published raft.tla.")
    parser.add_argument("specification", type=Path, help="the published raft.tla")
    parser.add_argument("--kind", action="append", choices=RUNS, help="these runs alone, instead of all")
    parser.add_argument("--record", action="store_true", help=f"write {RECORD.name} too")
    options = parser.parse_args()
    tlc = find_tlc()
    if tlc is None:
        print(NONE_FOUND, file=sys.stderr)
        return 1
    text = options.specification.read_text(encoding="utf-8")
    is_right = True
    for kind in options.kind or RUNS:
        runs = RUNS[kind]()
        verdict = judge_runs(tlc, text, runs)
        expected = {(name, len(trace.steps) - 1) for name, trace in runs.items()} if kind == "broken" else set()
        is_right = is_right and set(verdict.refused) == expected
        print(f"{verdict.runs} {kind} runs: {dict(verdict.steps)}")
        for run, step in sorted(set(verdict.refused) ^ expected):
            print(f"  {'should be refused' if (run, step) in expected else 'not allowed'}: {run}, step {step}")
        if options.record:
            _record(text, kind, verdict)
    return 0 if is_right else 1


def _record(text: str, kind: str, verdict: Verdict) -> None:
    """Write a kind of runs into the record, beside what is there of the others against the same text."""
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    old = json.loads(RECORD.read_text(encoding="utf-8")) if RECORD.exists() else {}
    rows = {row["kind"]: row for row in old["runs"]} if old.get("sha256") == sha256 else {}
    steps = {name: verdict.steps[name] for name in (AS_IT_IS, BATCH, COMMIT_KEPT, NOT_ALLOWED)}
    rows[kind] = {"kind": kind, "runs": verdict.runs, "steps": steps}
    record = {"sha256": sha256, "runs": [rows[name] for name in RUNS if name in rows]}
    RECORD.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
