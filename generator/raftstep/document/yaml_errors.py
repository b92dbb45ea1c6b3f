"""What a YAML parser complains of, in words that say to an author what to do."""

from __future__ import annotations

import re

import yaml

from raftstep.document.problem import Place

# What the parser says (a pattern), and what it most often means.
_EXPLANATIONS: tuple[tuple[str, str], ...] = (
    (r"mapping values are not allowed", 'a colon where none can be; put text that holds ": " in quotes'),
    (r"could not find expected ':'", 'a key without a colon; write "key: value"'),
    (r"'.t' that cannot start any token", "a tab is used where text must begin; indent with spaces"),
    (r"cannot start any token", "{found} cannot begin a value; put the text in quotes"),
    (r"unknown escape character|escape sequence", "a backslash that means nothing in \"...\"; write \\\\ or use '...'"),
    (r"end of stream|found unexpected document", "a quote is opened and never closed; close it"),
    (r"expected ',' or ']'", 'a list in [ ] lacks a comma or its "]"; add it'),
    (r"expected ',' or '}'", 'a mapping in { } lacks a comma or its "}"; add it'),
    (r"expected <block end>", "this does not fit the lines above; check its indentation, commas and quotes"),
    (r"block sequence entries|block mapping|unindent", "this does not fit the lines above; check its indentation"),
    (r"did not find expected|expected the node content", "a value is missing or cut short; check this line"),
)
_CONTEXT_IS_BETTER = r"expected ':'|expected ',' or|end of stream|document separator"  # the start of what goes wrong
_UNQUOTED_SENTENCE = re.compile(r"(?:^|:|-)\s+(\{[{%#].*)")


def explain_yaml_error(error: Exception, fallback: Place, text: str) -> tuple[Place, str]:
    """Where text stops being YAML, and why; ``fallback`` is the place of an error that does not know its own."""
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return fallback, "not YAML: a number or an escape out of range; put the text in quotes"
    place = Place(line=error.problem_mark.line + 1, column=error.problem_mark.column + 1)
    lines = text.splitlines()
    line = lines[place.line - 1] if place.line <= len(lines) else ""
    if sentence := _UNQUOTED_SENTENCE.search(line):
        place = Place(line=place.line, column=sentence.start(1) + 1, length=len(sentence[1].rstrip()))
        return place, 'not YAML: a sentence that begins with "{" must be in quotes; write "{{ ... }} ..."'
    if line[place.column - 1 : place.column] == "?":
        return place, "not YAML: a question mark ends the text here; put the question in quotes"
    if error.context_mark is not None and re.search(_CONTEXT_IS_BETTER, error.problem or ""):
        place = Place(line=error.context_mark.line + 1, column=error.context_mark.column + 1)
    problem = error.problem or "it cannot be read"
    for pattern, words in _EXPLANATIONS:
        if re.search(pattern, problem):
            return place, f"not YAML: {words.replace('{found}', _offending_character(problem))}"
    return place, f"not YAML: {problem}; correct this line"


def _offending_character(problem: str) -> str:
    match = re.search(r"found character ('.*?'|\".*?\")", problem)
    return match[1] if match else "this"
