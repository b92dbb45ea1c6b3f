"""Scenarios for others to fork."""

from __future__ import annotations

STEPS = """\
steps:
  - {name: Start, title: Three followers, when: start, say: No one leads.}
"""
PARENT = """\
title: A parent
nodes: [S1, S2, S3]
seed: 7
until_ms: 700
settings: {heartbeat_interval_ms: 40}
timers: {S1: [160], S2: [290]}
happens:
  - {at_ms: 5, delay: {source: S2, by_ms: 1}}
  - {at_ms: 300, client: {node: leader, command: x=7}}
  - {at_ms: 600, crash: leader}
steps:
  - {name: Start, title: Three followers, when: start, say: No one leads., after_ms: 20}
  - {name: Leader, title: S1 leads, when: become-leader, say: It leads.}
  - {name: Append, title: S1 appends, when: append-command, say: It appends.}
"""
PARENT_TEXTS = {
    "parent": PARENT,
    "forked": 'title: A fork\nfork: {of: parent, step: 2, question: "What if?"}\n' + STEPS,
    "broken": PARENT.replace("seed: 7", "seed: seven"),
    "impossible": PARENT.replace("crash: leader", "restart: S1"),
    "fork-of-itself": 'title: A loop\nfork: {of: fork-of-itself, step: 1, question: "Why?"}\n' + STEPS,
}
