"""Holding a scenario's expectations against the run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from raftstep.core.model import Node
from raftstep.scenario.facts import reads
from raftstep.scenario.model import Expectation
from raftstep.scenario.problem import Problem
from raftstep.simulation.cluster import Cluster
from raftstep.simulation.describe import entry_words
from raftstep.simulation.protocol import term_number
from raftstep.simulation.run import current_leader
from raftstep.simulation.trace import Step, Trace


def unmet(expectation: Expectation, trace: Trace, step: Step, path: str) -> list[Problem]:
    """What the run does not bear out at one of its steps."""
    cluster = step.cluster
    differences = [
        *_leader(expectation, cluster),
        *_nodes(expectation, cluster),
        *_beyond(expectation, cluster),
        *_answers(expectation, trace, step),
    ]
    return [
        Problem(
            path=path,
            place=expectation.place,
            words=f"at {step.time_ms} ms {words}; mend the expectation, or the scenario until it is met",
        )
        for words in differences
    ]


def _leader(expectation: Expectation, cluster: Cluster) -> Iterator[str]:
    if expectation.leader is None:
        return
    leader = current_leader(cluster)
    found = leader.id if leader else "none"
    if found != expectation.leader:
        yield f"the leader is {found}, not {expectation.leader}"


def role_of(cluster: Cluster, node: Node) -> str:
    """A node's role in one word; ``down`` while it is."""
    return "down" if node.id in cluster.down else node.role.value


def _nodes(expectation: Expectation, cluster: Cluster) -> Iterator[str]:
    for id, term in expectation.terms:
        if term_number(cluster.node(id).current_term) != term:
            yield f"{id} is in term {cluster.node(id).current_term}, not {term}"
    for id, role in expectation.roles:
        if role_of(cluster, cluster.node(id)) != role:
            yield f"{id} is {role_of(cluster, cluster.node(id))}, not {role}"
    for id, vote in expectation.votes:
        if (cluster.node(id).voted_for or "none") != vote:
            yield f"{id}'s vote is {cluster.node(id).voted_for or 'none'}, not {vote}"
    for id, log in expectation.logs:
        found = tuple(entry_words(entry) for entry in cluster.node(id).log)
        if found != log:
            yield f"{id}'s log is [{', '.join(found)}], not [{', '.join(log)}]"
    for id, index in expectation.commit_index:
        if cluster.node(id).commit_index != index:
            yield f"{id}'s commit index is {cluster.node(id).commit_index}, not {index}"


def _beyond(expectation: Expectation, cluster: Cluster) -> Iterator[str]:
    """Configurations, snapshots and state machines."""
    for id, expected in expectation.configurations:
        found = cluster.node(id).configuration
        for group in ("voters", "outgoing", "learners"):
            wanted, there = getattr(expected, group), getattr(found, group)
            if wanted is not None and wanted != set(there):
                yield f"{id}'s configuration has the {group} {_names(there)}, not {_names(sorted(wanted))}"
    for id, index in expectation.snapshots:
        if cluster.node(id).snapshot.index != index:
            yield f"{id}'s snapshot reaches to {cluster.node(id).snapshot.index}, not {index}"
    for id, key, value in expectation.machines:
        stands = cluster.node(id).machine.value(key) or "none"
        if stands != value:
            yield f"{key} is {stands} at {id}, not {value}"


def _names(nodes: Iterable[str]) -> str:
    return f"[{', '.join(nodes)}]"


def _answers(expectation: Expectation, trace: Trace, step: Step) -> Iterator[str]:
    answered = trace.answered(step)
    for command in expectation.answered:
        if command not in answered:
            yield f'no client has been told that "{command}" was applied'
    for command in expectation.unanswered:
        if command in answered:
            yield f'a client has been told that "{command}" was applied'
    if expectation.reads is not None:
        found = tuple(f"{read.key}={read.value}" for read in reads(trace, step))
        if found != expectation.reads:
            yield f"clients have read {_names(found)}, not {_names(expectation.reads)}"
