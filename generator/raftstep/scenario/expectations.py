"""Holding a scenario's expectations against the run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import zip_longest

from raftstep.core.model import Node
from raftstep.document.problem import Problem
from raftstep.scenario.facts import collect_reads
from raftstep.scenario.model import Expectation
from raftstep.simulation.cluster import Cluster
from raftstep.simulation.describe import entry_words
from raftstep.simulation.protocol import term_number
from raftstep.simulation.run import current_leader
from raftstep.simulation.trace import Step, Trace


def compare_expectation(expectation: Expectation, trace: Trace, step: Step, path: str) -> list[Problem]:
    """What the run does not bear out at one of its steps."""
    cluster = step.cluster
    differences = [
        *_compare_leader(expectation, cluster),
        *_compare_nodes(expectation, cluster),
        *_compare_extensions(expectation, cluster),
        *_compare_answers(expectation, trace, step),
    ]
    return [
        Problem(
            path=path,
            place=expectation.place,
            words=f"at {step.time_ms} ms {words}; correct the expectation or the scenario",
        )
        for words in differences
    ]


def _compare_leader(expectation: Expectation, cluster: Cluster) -> Iterator[str]:
    if expectation.leader is None:
        return
    leader = current_leader(cluster)
    leader_id = leader.id if leader else "none"
    if leader_id != expectation.leader:
        yield f"the leader is {leader_id}, not {expectation.leader}"


def role_of(cluster: Cluster, node: Node) -> str:
    """A node's role in one word; ``down`` while it is."""
    return "down" if node.id in cluster.down_nodes else node.role.value


def _compare_nodes(expectation: Expectation, cluster: Cluster) -> Iterator[str]:
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
        actual_log = tuple(entry_words(entry) for entry in cluster.node(id).log)
        compared_log = tuple(_cut_to_term(words, wanted) for words, wanted in zip_longest(actual_log, log))
        if compared_log != log:
            yield f"{id}'s log is [{', '.join(actual_log)}], not [{', '.join(log)}]"
    for id, index in expectation.commit_index:
        if cluster.node(id).commit_index != index:
            yield f"{id}'s commit index is {cluster.node(id).commit_index}, not {index}"


def _cut_to_term(words: str | None, wanted: str | None) -> str | None:
    """An entry as far as the author has written it: its term alone, or all of it."""
    return words.rpartition("@")[2] if words is not None and wanted is not None and wanted.isdigit() else words


def _compare_extensions(expectation: Expectation, cluster: Cluster) -> Iterator[str]:
    """Configurations, snapshots and state machines."""
    for id, expected_configuration in expectation.configurations:
        configuration = cluster.node(id).configuration
        for group in ("voters", "outgoing", "learners"):
            expected_nodes, actual_nodes = getattr(expected_configuration, group), getattr(configuration, group)
            if expected_nodes is not None and expected_nodes != set(actual_nodes):
                yield (
                    f"{id}'s configuration has the {group} {_bracket_names(actual_nodes)}, not "
                    f"{_bracket_names(sorted(expected_nodes))}"
                )
    for id, index in expectation.snapshots:
        if cluster.node(id).snapshot.index != index:
            yield f"{id}'s snapshot reaches to {cluster.node(id).snapshot.index}, not {index}"
    for id, key, value in expectation.machines:
        actual_value = cluster.node(id).machine.value(key) or "none"
        if actual_value != value:
            yield f"{key} is {actual_value} at {id}, not {value}"


def _bracket_names(nodes: Iterable[str]) -> str:
    return f"[{', '.join(nodes)}]"


def _compare_answers(expectation: Expectation, trace: Trace, step: Step) -> Iterator[str]:
    answered = trace.answered_commands(step)
    for command in expectation.answered_commands:
        if command not in answered:
            yield f'no client has a reply that "{command}" was applied'
    for command in expectation.unanswered_commands:
        if command in answered:
            yield f'a client has a reply that "{command}" was applied'
    if expectation.reads is not None:
        actual_reads = tuple(f"{read.key}={read.value}" for read in collect_reads(trace, step))
        if actual_reads != expectation.reads:
            yield f"clients have read {_bracket_names(actual_reads)}, not {_bracket_names(expectation.reads)}"
