"""Files written by hand, in YAML: read with the place of every value, checked against a schema, and problems in words.

reading.py      text to values; yaml_errors.py says what is wrong with text that is no YAML
value.py        one value with its place in the file
schema.py       values against a JSON Schema; wording.py puts what it finds into words
problem.py      a mistake with its place, and all mistakes of a file in order
"""
