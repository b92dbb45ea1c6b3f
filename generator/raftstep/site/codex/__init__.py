"""The Codex: every term, every system, every source, made from the data under ``docs/data/codex``.

document.py  reads one data file against a schema; every mistake has its place and a way to mend it
model.py     what the data says, once it is known to be right
sources.py   the bibliography, ``sources.yaml`` and ``sources/*.yaml``; citing.py reads citations in running text
terms.py     the terms, ``terms.yaml`` and ``terms/*.yaml``; checks.py holds what no schema can say of them
sightings.py finds the steps of scenarios in which a term happens
book.py      all of it together, loaded once a build
"""
