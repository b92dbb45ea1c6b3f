"""Messages under way as a run keeps them: like a tuple, at a fraction of the memory."""

import pickle
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raftstep.core.messages import RequestVoteResponse
from raftstep.limits import ENTRIES, EVENTS, MESSAGES
from raftstep.simulation.cluster import Cluster
from raftstep.simulation.events import Request
from raftstep.simulation.packets import CHUNK_SIZE, NO_PACKETS, Packet, Packets
from raftstep.simulation.plan import LEADER, Action, MessageFault, PlanError, Setup
from raftstep.simulation.run import run
from tests.builders import follower

VOTE = RequestVoteResponse(source="S1", target="S2", term=1, vote_granted=True)
NODES = ("S1", "S2", "S3")


def packet(id: int) -> Packet:
    return Packet(id=id, message=VOTE, sent_ms=0, due_ms=id)


def are_chunks_full_enough(packets: Packets) -> bool:
    return all(packets.chunks) and all(
        len(first) + len(second) > CHUNK_SIZE // 2 for first, second in pairwise(packets.chunks)
    )


@given(st.lists(st.tuples(st.integers(0, 3 * CHUNK_SIZE), st.lists(st.integers(0, 10_000), max_size=5)), max_size=40))
def test_packets_are_those_of_a_tuple_whatever_comes_and_goes(changes: list[tuple[int, list[int]]]) -> None:
    """House rule: each quick structure has a slow, obvious twin that it must agree with."""
    packets, twin, next_id = NO_PACKETS, (), 1
    for sent_count, picks in changes:
        sent = tuple(packet(id) for id in range(next_id, next_id + sent_count))
        packets, twin, next_id = packets.with_packets(sent), twin + sent, next_id + sent_count
        for pick in picks:
            gone_id = pick % next_id
            packets = packets.without_packet(gone_id)
            twin = tuple(one for one in twin if one.id != gone_id)

    assert tuple(packets) == twin
    assert (len(packets), tuple(reversed(packets)), packets[1:3]) == (len(twin), twin[::-1], twin[1:3])
    assert (hash(packets), repr(packets)) == (hash(twin), repr(twin))
    assert packets == twin == packets
    assert are_chunks_full_enough(packets)


def test_packets_whose_ids_do_not_grow_are_found_too() -> None:
    """A schedule numbers a message that arrives twice behind all others, though it was sent with the first."""
    packets = Packets(((packet(900), packet(3)), (packet(1), packet(2)), (packet(800),)))

    assert [len(packets.without_packet(id)) for id in (900, 3, 1, 2, 800, 4, 1000)] == [4, 4, 4, 4, 4, 5, 5]


def test_clusters_with_the_same_packets_are_the_same() -> None:
    """A cluster is a value; how its packets are stored, and so what happened before, makes no difference."""
    cluster = Cluster(nodes=(follower("S1", term=1),))
    at_once = cluster.with_packets([packet(1), packet(2), packet(3)])
    in_turn = replace(cluster, packets=Packets(((packet(1),), (packet(2),)))).with_packets([packet(3)])

    assert at_once == in_turn == pickle.loads(pickle.dumps(in_turn))
    assert hash(at_once) == hash(in_turn)
    assert at_once != at_once.without_packet(2)


HEAVY_RUN = """
import resource, sys
from raftstep.simulation.plan import Setup
from raftstep.simulation.run import run
setup = Setup(
    nodes=tuple(f"S{number}" for number in range(1, 10)), election_timeout_ms=(5, 5), latency_ms=(1, 400),
    heartbeat_interval_ms=5, until_ms=60_000, most_messages=20_000,
)
trace = run(setup, seed=1, is_end=lambda step: step.number >= 10_000)
most_packets = max(len(step.cluster.packets) for step in trace.steps[::100])
kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (1024 if sys.platform == "darwin" else 1)
if sys.platform == "linux":  # where the figure above begins with that of the process that started this one
    [kilobytes] = [int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM:")]
print(len(trace.steps), most_packets, kilobytes)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no resource module")
def test_ten_thousand_events_with_five_thousand_messages_under_way_take_little_memory() -> None:
    """Issue 16: at most 300 MB. With a tuple of all packets in each step it was 371 MB."""
    completed = subprocess.run([sys.executable, "-c", HEAVY_RUN], capture_output=True, text=True, check=True)

    events, most_packets, kilobytes = map(int, completed.stdout.split())
    assert (events, most_packets > 5_000) == (10_001, True)
    assert kilobytes < 100_000


# Limits of a run


def request_often(count: int) -> tuple[Action, ...]:
    return tuple(
        Action(at_ms=400 + number, directive=Request(node=LEADER, command=f"x={number}"), if_possible=True)
        for number in range(count)
    )


@pytest.mark.parametrize(
    ("setup", "words", "parameter"),
    [
        (Setup(nodes=NODES, most_events=20), "the run has 20 events by 327 ms, and more would follow", "most_events"),
        (
            Setup(nodes=NODES, latency_ms=(1, 1000), most_messages=5),
            "more than 5 messages are in flight at 277 ms",
            "most_messages",
        ),
        (
            Setup(nodes=NODES, plan=request_often(9), most_entries=3),
            "the log of S1 has more than 3 entries at 403 ms",
            "most_entries",
        ),
    ],
    ids=["events", "messages", "entries"],
)
def test_a_run_stops_at_a_limit_and_says_how_to_have_more(setup: Setup, words: str, parameter: str) -> None:
    """Issue 16: each with a sentence: what, how much, how to ask for more. What may fail may still not pass a limit."""
    with pytest.raises(PlanError) as caught:
        run(setup, seed=1)

    assert caught.value.words == words
    assert str(caught.value).startswith(f"{words}; ")
    assert f"in Python allow more with Setup({parameter}=…)" in str(caught.value)


def test_a_limit_that_a_directive_meets_is_told_with_the_directive() -> None:
    """The cause stands there; elsewhere no action is to blame."""
    with pytest.raises(PlanError) as caught:
        run(Setup(nodes=NODES, plan=request_often(9), most_entries=3), seed=1)

    assert (caught.value.action_index, caught.value.limit) == (3, ENTRIES)


def test_copies_without_number_are_refused_before_they_are_made() -> None:
    """Issue 16: no allocation before the check."""
    fault = Action(at_ms=0, directive=MessageFault(copies=10**12))

    with pytest.raises(PlanError, match="more than 1,000 messages are in flight") as caught:
        run(Setup(nodes=NODES, plan=(fault,)), seed=1)

    assert caught.value.limit is MESSAGES


def test_a_run_has_the_limits_of_the_table_unless_it_asks_for_others() -> None:
    """One place for each number."""
    setup = Setup(nodes=NODES)

    assert (setup.most_events, setup.most_messages, setup.most_entries) == (EVENTS.most, MESSAGES.most, ENTRIES.most)
