"""Events that a search begins after, where the shortest run from the start is too long to be found.

They are chosen by hand, and each can happen with every rule in.
"""

from __future__ import annotations

import yaml

from raftstep.scenario.schedule import read_schedule
from raftstep.simulation.explore.bounds import Bounds
from raftstep.simulation.explore.result import ScheduledEvent

OLD_ACKNOWLEDGEMENT = """
# S3 is elected in term 2 and takes a command that nobody else hears of. S1, which led term 1, takes two.
- timeout: S3
- deliver: {RequestVote: {source: S3, target: S2}}
- client: {node: S1, command: x=1}
- client: {node: S1, command: y=1}
- deliver: {RequestVoteResponse: {source: S2, target: S3}}
- client: {node: S3, command: x=3}
# S1 leads term 3 and copies its two entries of term 1 to S2. The answer, up to index 2, is on its way for long.
- deliver: {RequestVote: {source: S3, target: S1}}
- timeout: S1
- deliver: {RequestVote: {source: S1, target: S2}}
- deliver: {RequestVoteResponse: {source: S2, target: S1}}
- deliver: {AppendEntries: {source: S1, target: S2, term: 3}}
- deliver: {AppendEntriesResponse: {source: S2, target: S1}}
- deliver: {AppendEntries: {source: S1, target: S2, term: 3, previous_index: 1}}
- deliver: {AppendEntriesResponse: {source: S2, target: S1}}
- deliver: {AppendEntries: {source: S1, target: S2, term: 3, previous_index: 0}}
# Entries of term 1 are not committed by counting, so S3, with one of term 2, leads term 4 and puts it over both at S1.
- deliver: {RequestVote: {source: S1, target: S3}}
- timeout: S3
- deliver: {RequestVote: {source: S3, target: S1, term: 4}}
- deliver: {RequestVoteResponse: {source: S1, target: S3, term: 4}}
- deliver: {AppendEntries: {source: S3, target: S1, term: 4}}
- deliver: {AppendEntriesResponse: {source: S1, target: S3}}
- deliver: {AppendEntries: {source: S3, target: S1, term: 4, previous_index: 0}}
"""


def read_prefix(bounds: Bounds, events: str) -> tuple[ScheduledEvent, ...]:
    """The events of a schedule, as the bounds take them."""
    return read_schedule(bounds, yaml.safe_load(events))
