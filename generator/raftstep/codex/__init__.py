"""The data of the Codex: every term, system, incident and source, read from the folder ``data/codex`` and checked.

data_file.py    one data file against its schema; every mistake has its place and a way to fix it
model.py        what the data say, once they are known to be right
sources.py      the bibliography, ``sources.yaml`` and ``sources/*.yaml``; citing.py reads citations in running text
terms.py        the terms, ``terms.yaml`` and ``terms/*.yaml``; checks.py holds what no schema can say of them
systems.py, incidents.py   who uses Raft, and what went wrong
occurrences.py  finds the steps of scenarios in which a term happens
book.py         all of it together, loaded once a build
exports.py      the bibliography as BibTeX, the terms as JSON-LD
"""
