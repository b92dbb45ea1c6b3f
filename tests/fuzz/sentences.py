"""Captions out of a grammar: mostly right, deep, and now and then what an author would never write."""

from __future__ import annotations

from random import Random

NAMES = (
    "it",
    "leader",
    "nodes",
    "event",
    "time_ms",
    "S1",
    "S2",
    "S9",
    "size",
    "holders",
    "term",
    "read",
    "x",
    "nodes[0]",
)
ATTRIBUTES = (
    "id",
    "term",
    "log",
    "role",
    "current_term",
    "commit_index",
    "voted_for",
    "__class__",
    "__init__",
    "x",
    "0",
)
FILTERS = (
    *("in_words", "listed", "length", "join(', ')", "first", "last", "upper", "int", "string", "list", "sort"),
    *("map(attribute='id')", "default('x')", "replace('a', 'b')", "attr('__class__')", "nothing", "truncate(5)"),
)
CONSTANTS = ("0", "1", "-1", "9", "1.5", "'a'", "'<b>'", '"*"', "none", "true", "[]", "[1, 2]", "{}", "1e9", "''")
OPERATORS = ("==", "!=", "<", ">=", "and", "or", "in", "not in", "+", "-", "*", "/", "//", "%", "~", "is", "|")
MARKUP = ("", "S1 ", "**", "_", "`", "<b>", "&amp;", "\n\n", "|", "[x](y)", "$", "{", "}", "\\", "x=2*3*4 ")


def make_expression(random: Random, depth: int) -> str:
    """What may stand in a hole."""
    if depth <= 0 or not random.randrange(4):
        return random.choice(NAMES if random.randrange(3) else CONSTANTS)
    inner = make_expression(random, depth - 1)
    shape = random.randrange(8)
    if shape == 0:
        return f"{inner}.{random.choice(ATTRIBUTES)}"
    if shape == 1:
        return f"{inner}[{make_expression(random, depth - 1)}]"
    if shape == 2:
        return f"{inner}|{random.choice(FILTERS)}"
    if shape == 3:
        return f"{inner} {random.choice(OPERATORS)} {make_expression(random, depth - 1)}"
    if shape == 4:
        return f"{inner} if {make_expression(random, depth - 1)} else {make_expression(random, depth - 1)}"
    if shape == 5:
        return f"({inner})"
    if shape == 6:
        return f"not {inner}"
    return f"{inner}({make_expression(random, depth - 1)})"


def make_sentence(random: Random) -> str:
    """A caption: markup, holes, conditions and loops, some of them never closed."""
    parts = []
    for _ in range(1 + random.randrange(4)):
        expression = make_expression(random, random.randrange(5))
        parts += [
            random.choice(MARKUP),
            random.choice(
                [
                    f"{{{{ {expression} }}}}",
                    f"{{{{- {expression} -}}}}",
                    f"{{% if {expression} %}}a{{% else %}}b{{% endif %}}",
                    f"{{% for x in {expression} %}}{{{{ x }}}}{{% endfor %}}",
                    f"{{% set x = {expression} %}}{{{{ x }}}}",
                    f"{{{{ {expression}",
                    f"{{# {expression} #}}",
                    f"{{% {expression} %}}",
                ]
            ),
        ]
    return "".join(parts)
