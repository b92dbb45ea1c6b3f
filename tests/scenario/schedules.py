"""Schedules for tests to begin from."""

ELECTION = """\
title: One request lost, an election won
summary: Two of three are enough.
nodes: [S1, S2, S3]
script:
  - timeout: S1
    say: "{{ it }} stands in term {{ it.term }}."
  - drop: {source: S1, target: S3}
  - deliver: all
  - deliver: all
"""

TWO_LEADERS = """\
title: "Election Safety broken in 6 events"
nodes: [S1, S2, S3]
settings: {without: [one-vote-a-term]}
script:
  - timeout: S1
  - timeout: S2
  - deliver: {RequestVote: {source: S1, target: S3}}
  - deliver: {RequestVote: {source: S2, target: S1}}
  - deliver: {RequestVoteResponse: {source: S1, target: S2}}
  - deliver: {RequestVoteResponse: {source: S3, target: S1}}
expect: {broken: [Election Safety]}
"""
"""What ``raftstep explore one-vote-a-term`` finds and prints."""

SLOW_CLOCK = """\
title: A slow clock
nodes: [S1, S2, S3]
clocks: {S1: 0.8}
script:
  - tick: 100
  - tick: 50
  - timeout: S2
    say: "At {{ shown_ms }} ms the clocks show {{ S1.clock_ms }} and {{ S2.clock_ms }} ms."
"""

EVERY_EVENT = """\
title: Every kind of event
nodes: [a, b, c, d]
learners: [d]
clocks: {b: 0.9}
settings: {membership: single, reads: read-index, sessions: true, pre_vote: true, election_timeout_ms: [100, 200]}
start:
  a: {role: leader, term: 3, vote: a, log: [1, "k=1@2", "no-op@3"], commit_index: 2}
  b: {term: 3, vote: a, log: [1, "k=1@2"], commit_index: 1}
  c: {role: down, term: 2, vote: c, log: [1]}
script:
  - timeout: a
  - deliver: {AppendEntries: {target: b, nth: 1}}
    say: "{{ it }} hears of {{ leader }}."
    why: "Its term is {{ it.term }}."
    expect: {terms: {b: 3}, logs: {b: [1, 2]}, roles: {c: down}}
  - deliver: {AppendEntriesResponse: {source: b, success: false}}
  - deliver: {AppendEntries: {entry: no-op, index: 3, target: b}}
  - drop: {AppendEntries: {target: d, nth: 1}}
  - deliver: all
    expect: {commit_index: {a: 3}}
  - restart: c
  - client: {node: a, command: x=1, client: alice, serial: 1}
  - client: {node: a, command: x=1, client: alice, serial: 1}
  - tick: 40
  - read: {node: a, key: k}
  - deliver: all
  - cut: [{source: a, target: c}, {source: c, target: a}]
  - heal: [{source: a, target: c}]
  - change: {node: a, voters: [a, b, c], learners: [d]}
  - change: {node: a, voters: [a, b], learners: [d]}
  - heal: true
  - deliver: all
  - partition: [[a, b], [c, d]]
  - snapshot: a
  - crash: c
  - lose_disk: c
    expect: {terms: {c: 0}, logs: {c: []}}
  - transfer: {node: a, target: b}
  - deliver: {AppendEntriesResponse: {source: b, match_index: 6, success: true}}
  - deliver: {TimeoutNow: {target: b}}
  - pause: d
  - resume: d
  - restart: d
  - drop: {source: a, target: d}
expect: {leader: a, roles: {b: candidate, c: down}}
"""
"""Each kind of event that a schedule can hold, from given logs, with nodes of other names than a search has."""

FROM_LOGS = """\
title: The state (c) of Figure 8, with three nodes of other names
nodes: [top, mid, low]
settings: {without: [commit-own-term]}
start:
  top: {role: leader, term: 4, log: [1, 2]}
  mid: {term: 4, vote: top, log: [1]}
  low: {term: 3, vote: low, log: [1, 3]}
script: [{timeout: top}]
"""
"""What can happen from there once entries of earlier terms are committed by counting copies."""
