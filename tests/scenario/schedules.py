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
