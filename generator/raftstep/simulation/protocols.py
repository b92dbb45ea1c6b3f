"""The protocols there are, and how each writes the number of an election."""

from __future__ import annotations

from raftstep.core.paxos.model import Node as PaxosNode
from raftstep.simulation.multi_paxos import MULTI_PAXOS
from raftstep.simulation.protocol import RAFT, Protocol

PROTOCOLS = {protocol.name: protocol for protocol in (RAFT, MULTI_PAXOS)}
"""The protocols by the names that scenarios and traces use."""


def protocol_of(node: object) -> Protocol:
    """The protocol a node belongs to."""
    return MULTI_PAXOS if isinstance(node, PaxosNode) else RAFT


def term_label(term: object) -> str:
    """A term or a ballot as pictures write it.

    >>> from raftstep.core.paxos.model import Ballot
    >>> term_label(2), term_label(Ballot(2, "S1"))
    ('T2', 'B2.S1')
    """
    return f"T{term}" if isinstance(term, int) else f"B{term}"
