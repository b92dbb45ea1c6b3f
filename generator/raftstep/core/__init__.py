"""One node of Raft, and in `paxos` one of Multi-Paxos: values in, values out.

Standard library only; no clock, no chance, no files, no printing.
"""
