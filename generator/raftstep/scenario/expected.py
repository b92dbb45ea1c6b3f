"""What an expectation may name: nodes that there are, commands that are sent, entries that a leader appends."""

from __future__ import annotations

from collections.abc import Iterator

from raftstep.scenario.names import Around, command, is_node, known_keys
from raftstep.scenario.schema import Complaint
from raftstep.scenario.value import Value, pairs, parts

BY_NODE = ("terms", "roles", "votes", "logs", "commit_index", "configurations", "snapshots", "machines")


def check_expectation(expect: Value | None, around: Around) -> Iterator[Complaint]:
    """All that an expectation names and the scenario does not have."""
    if expect is None:
        return
    yield from is_node(expect.get("leader"), around, "none")
    for name in BY_NODE:
        yield from known_keys(expect.get(name), around)
    for _, vote in pairs(expect.get("votes")):
        yield from is_node(vote, around, "none")
    for _, configuration in pairs(expect.get("configurations")):
        for _, group in configuration.pairs():
            for node in group.parts():
                yield from is_node(node, around)
    for name in ("answered", "unanswered"):
        for one in parts(expect.get(name)):
            yield from command(one.words(), one.place, around)
    for _, log in pairs(expect.get("logs")):
        for entry in log.parts():
            yield from _entry(entry, around)


def _entry(entry: Value, around: Around) -> Iterator[Complaint]:
    name = entry.words().rpartition("@")[0]
    if not name:
        return
    if name == "no-op":
        if not around.no_op and around.commands is not None:
            yield entry.place, 'no leader appends a no-op here; set "no_op: true" under settings'
    elif name.startswith("{"):
        if around.membership == "fixed":
            yield entry.place, 'the configuration is fixed here; set "membership: joint" under settings'
    else:
        yield from command(name, entry.place, around)
