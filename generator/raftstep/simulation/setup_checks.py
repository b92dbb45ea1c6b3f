"""Is a set-up that was written in Python one that can be run? A scenario's is checked with its YAML."""

from __future__ import annotations

from collections.abc import Iterator

from raftstep.limits import NODES
from raftstep.simulation.events import Cut, Heal, Partition
from raftstep.simulation.plan import LEADER, Action, PlannedEvent, SetLink, Setup


def check_setup(setup: Setup) -> None:
    """Raise ``ValueError`` with everything that is wrong with a set-up, a line each."""
    if mistakes := list(_find_mistakes(setup)):
        raise ValueError("\n".join(mistakes))


def _find_mistakes(setup: Setup) -> Iterator[str]:
    nodes: object = setup.nodes
    if not isinstance(nodes, tuple) or not 1 <= len(nodes) <= NODES.most or len(set(nodes)) < len(nodes):
        yield f'nodes: expected a tuple of 1 to {NODES.most} different names, such as ("S1", "S2", "S3"), not {nodes!r}'
        return
    yield from _find_time_mistakes(setup)
    if conflict := setup.settings.conflict:
        yield f"settings: {conflict}"
    for name in ("most_events", "most_messages", "most_entries"):
        if not _is_whole_number(most := getattr(setup, name), 1):
            yield f"{name}: expected a whole number from 1, not {most!r}"
    for name, share in (("loss", setup.loss), ("duplication", setup.duplication)):
        if not 0 <= share <= 1:
            yield f"{name}: expected a share from 0 to 1, not {share!r}"
    for node, speed in setup.clock_speeds:
        if not 0.1 <= speed <= 10:
            yield f"clock_speeds: expected a speed from 0.1 to 10 for {node}, not {speed!r}"
    for node, write_ms in setup.disks:
        if not _is_whole_number(write_ms, 1):
            yield f"disks: expected whole milliseconds from 1 for {node}, not {write_ms!r}"
    named_nodes = {
        "voters": setup.voters,
        "learners": setup.learners,
        "timers": tuple(node for node, _ in setup.timers),
        "clock_speeds": tuple(node for node, _ in setup.clock_speeds),
        "disks": tuple(node for node, _ in setup.disks),
    }
    for name, known_nodes in named_nodes.items():
        yield from _find_unknown_nodes(name, known_nodes, setup)
    for number, link in enumerate(setup.links):
        yield from _find_link_mistakes(f"links[{number}]", link, setup)
    for number, action in enumerate(setup.plan):
        yield from _find_action_mistakes(f"plan[{number}]", action, setup)


def _find_time_mistakes(setup: Setup) -> Iterator[str]:
    ranges = (("election_timeout_ms", setup.election_timeout_ms, 1), ("latency_ms", setup.latency_ms, 0))
    for name, range_ms, least in ranges:
        if not _is_range(range_ms, least):
            yield f"{name}: expected two whole numbers, the shortest from {least} ms and the longest, not {range_ms!r}"
    times = (("heartbeat_interval_ms", setup.heartbeat_interval_ms, 1), ("until_ms", setup.until_ms, 0))
    for name, time_ms, least in times:
        if not _is_whole_number(time_ms, least):
            yield f"{name}: expected whole milliseconds from {least}, not {time_ms!r}"


def _is_range(value: object, least: int) -> bool:
    return (
        isinstance(value, tuple)
        and len(value) == 2
        and all(_is_whole_number(ms, least) for ms in value)
        and value[0] <= value[1]
    )


def _is_whole_number(value: object, least: int) -> bool:
    return isinstance(value, int) and value >= least


def _find_action_mistakes(name: str, action: object, setup: Setup) -> Iterator[str]:
    if not isinstance(action, Action):
        yield f"{name}: expected an Action, such as Action(at_ms=300, directive=...), not {action!r}"
    elif (action.at_ms is None) is (action.when is None):
        yield f"{name}: give its moment either as at_ms or as when"
    elif isinstance(action.directive, SetLink):
        yield from _find_link_mistakes(name, action.directive, setup)
    else:
        yield from _find_unknown_nodes(name, _nodes_of(action.directive), setup)


def _find_link_mistakes(name: str, link: SetLink, setup: Setup) -> Iterator[str]:
    yield from _find_unknown_nodes(name, _nodes_of(link), setup)
    if link.latency_ms is not None and not _is_range(link.latency_ms, 0):
        yield f"{name}: expected a latency_ms of two whole numbers, such as (20, 40), not {link.latency_ms!r}"
    for key, share in (("loss", link.loss), ("duplication", link.duplication)):
        if share is not None and not 0 <= share <= 1:
            yield f"{name}: expected a share from 0 to 1 for {key}, not {share!r}"


def _nodes_of(directive: PlannedEvent) -> tuple[str, ...]:
    match directive:
        case Partition(groups=groups):
            return tuple(node for group in groups for node in group)
        case Cut(links=links) | Heal(links=links):
            return tuple(node for link in links for node in link)
        case _:
            named_nodes = (getattr(directive, key, None) for key in ("node", "source", "target"))
            return tuple(node for node in named_nodes if node is not None and node != LEADER)


def _find_unknown_nodes(name: str, node_ids: tuple[str, ...], setup: Setup) -> Iterator[str]:
    for node in node_ids:
        if node not in setup.nodes:
            yield f"{name}: there is no node {node}; the nodes are {', '.join(setup.nodes)}"
