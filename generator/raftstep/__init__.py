"""Raft, step by step: simulate the consensus algorithm and show what happened."""

__version__ = "0.1.0"
