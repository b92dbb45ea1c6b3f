"""TLA+: runs in the words of Raft's published specification, and a specification of our own to hold them against.

``RaftSteps.tla`` is Raft with one step for each event; ``RaftModel.tla`` bounds it for a search with TLC.
"""
