"""One node of Raft: values in, values out.

Standard library only; no clock, no chance, no files, no printing.
"""
