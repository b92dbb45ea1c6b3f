"""Progress after random faults: once they end and enough nodes are up, a leader must be elected that commits.

Safety holds whatever happens; progress needs the faults to end (§5.6). From then on no message is lost, every link
works, no node is paused, and just enough nodes are up: of every configuration that may be in force a quorum, and often
no node more.
"""

from __future__ import annotations

from dataclasses import replace
from random import Random

from raftstep.core.inputs import CommandApplied
from raftstep.core.log import configuration_at
from raftstep.core.messages import AppendEntries
from raftstep.core.model import Configuration, NodeId
from raftstep.core.quorum import has_quorum
from raftstep.core.rules import Rule
from raftstep.simulation.cluster import Cluster
from raftstep.simulation.events import Crash, Heal, NodeEvent, Request, Restart, Resume
from raftstep.simulation.features import Feature
from raftstep.simulation.plan import LEADER, Action, Setup
from raftstep.simulation.run import run
from raftstep.simulation.trace import Step, Trace

RECOVERY_MS = 10_000
"""How long a cluster is given in the tests. The slowest of the first 3,000 runs takes 2,561 ms."""
RECOVERY_COMMAND = "recovered=1"
REQUEST_INTERVAL_MS = 100
"""How often a client asks the leader, until it has an answer."""


def add_recovery(setup: Setup, *, seed: int, recovery_ms: int) -> Setup:
    """The same run, after whose faults the cluster can recover for so long, while a client asks the leader again.

    The run is made once to see which nodes are needed at its end.
    """
    end_ms = setup.until_ms
    heal = Heal()
    plan = (*setup.plan, Action(at_ms=end_ms, directive=heal))
    cluster = run(replace(setup, plan=plan), seed=seed, is_end=lambda step: step.event is heal).steps[-1].cluster
    live_nodes = choose_live_nodes(cluster, Random(f"recovery {seed}"))
    switches = tuple(Action(at_ms=end_ms, directive=event) for event in _switch_nodes(cluster, live_nodes))
    moments = range(end_ms + REQUEST_INTERVAL_MS, end_ms + recovery_ms, REQUEST_INTERVAL_MS)
    requests = tuple(
        Action(at_ms=moment, directive=Request(node=LEADER, command=RECOVERY_COMMAND), if_possible=True)
        for moment in moments
    )
    return replace(setup, plan=(*plan, *switches, *requests), faults_until_ms=end_ms, until_ms=end_ms + recovery_ms)


def _switch_nodes(cluster: Cluster, live_nodes: frozenset[NodeId]) -> tuple[NodeEvent, ...]:
    resumes = tuple(Resume(node=id) for id, _ in cluster.paused_since)
    crashes = tuple(Crash(node=id) for id in cluster.ids if id not in live_nodes | cluster.down_nodes)
    restarts = tuple(Restart(node=id) for id in cluster.ids if id in live_nodes & cluster.down_nodes)
    return (*resumes, *crashes, *restarts)


def choose_live_nodes(cluster: Cluster, random: Random) -> frozenset[NodeId]:
    """Nodes that are enough for progress: all of them, less those drawn that can be missed."""
    live_nodes = frozenset(cluster.ids)
    for id in cluster.ids:
        fewer_nodes = live_nodes - {id}
        if random.random() < 0.5 and can_make_progress(cluster, fewer_nodes):
            live_nodes = fewer_nodes
    return live_nodes


def can_make_progress(cluster: Cluster, live_nodes: frozenset[NodeId]) -> bool:
    """Whether these nodes hold a quorum of every configuration that may come into force."""
    return all(has_quorum(configuration, live_nodes) for configuration in find_possible_configurations(cluster))


def find_possible_configurations(cluster: Cluster) -> frozenset[Configuration]:
    """The latest configuration that some node knows to be committed, and all that may replace it.

    Those come after it in the logs of nodes and in messages that may still arrive, or wait until new nodes have
    caught up. What was committed without a live node knowing it is among them.
    """
    best = max(cluster.nodes, key=lambda node: node.commit_index)
    committed_configuration = configuration_at(best, best.commit_index)
    logged_entries = [(node.snapshot.index, node.log) for node in cluster.nodes]
    sent_entries = [
        (packet.message.previous_index, packet.message.entries)
        for packet in (*cluster.packets, *cluster.waiting_packets)
        if isinstance(packet.message, AppendEntries)
    ]
    later_configurations = {
        entry.configuration
        for previous_index, entries in (*logged_entries, *sent_entries)
        for index, entry in enumerate(entries, previous_index + 1)
        if entry.configuration is not None and index > best.commit_index
    }
    waiting_changes = {node.leader_state.catch_up.configuration for node in cluster.nodes if node.leader_state.catch_up}
    return frozenset({committed_configuration, *later_configurations, *waiting_changes})


def has_recovered(step: Step) -> bool:
    """Whether the client has its answer: then a leader was elected, and it has committed."""
    return step.outcome is not None and any(
        isinstance(answer, CommandApplied) and answer.command == RECOVERY_COMMAND for answer in step.outcome.answers
    )


def find_stall(trace: Trace, features: frozenset[Feature], *, since_ms: int) -> str | None:
    """What did not happen after the faults ended, in words.

    With pre-vote or leader stickiness the client must be answered. With neither, a node that was removed, and so is
    sent no heartbeats, may start one election after another and depose each leader (§6, dissertation §4.2.3): then a
    leader must have been elected, and how long it leads is open.
    """
    later_steps = [step for step in trace.steps if step.time_ms >= since_ms]
    if any(has_recovered(step) for step in later_steps):
        return None
    elections = [step for step in later_steps if step.outcome and Rule.BECOME_LEADER in step.outcome.rules]
    duration_ms = trace.until_ms - since_ms
    if not elections:
        return f"no leader was elected in {duration_ms} ms after the last fault"
    if {Feature.PRE_VOTE, Feature.STICKINESS} & features:
        return f"no command was committed in {duration_ms} ms after the last fault"
    return None
