"""What a random schedule may switch on beyond the paper's Figure 2."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum, unique


@unique
class Feature(StrEnum):
    """A part beyond Figure 2 that a schedule may switch on."""

    NO_OP = "no-op"
    PRE_VOTE = "pre-vote"
    CHECK_QUORUM = "check-quorum"
    STICKINESS = "stickiness"
    JOINT = "joint"
    SINGLE = "single"
    LEARNERS = "learners"
    SNAPSHOTS = "snapshots"
    TRANSFERS = "transfers"
    READ_INDEX = "read-index"
    LEASE = "lease"
    SESSIONS = "sessions"
    DRIFT = "drift"
    EMPTY_HEARTBEATS = "empty-heartbeats"
    CONFLICT_HINTS = "conflict-hints"
    ONE_ENTRY = "one-entry"
    EXPLICIT_LEAVE = "explicit-leave"
    PAUSES = "pauses"
    SLOW_DISKS = "slow-disks"
    SESSION_LIMIT = "session-limit"


NO_FEATURES: frozenset[Feature] = frozenset()
EXCLUSIVE_PAIRS = ((Feature.JOINT, Feature.SINGLE), (Feature.LEASE, Feature.READ_INDEX))


def resolve_conflicts(features: Iterable[Feature]) -> frozenset[Feature]:
    """The features without contradiction: of two that exclude each other the first stays.

    Leases get stickiness, and a limit of sessions gets sessions.
    """
    result = set(features)
    for first, second in EXCLUSIVE_PAIRS:
        if first in result:
            result.discard(second)
    if Feature.LEASE in result:
        result.add(Feature.STICKINESS)
    if Feature.SESSION_LIMIT in result:
        result.add(Feature.SESSIONS)
    return frozenset(result)
