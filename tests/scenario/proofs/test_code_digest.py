"""The digest of code: deaf to names and words, and to nothing else; tried on the very files that searches rest on.

What it may change for without need is named at the end: each such case costs a search that is made once more.
"""

from __future__ import annotations

import ast
from dataclasses import fields
from functools import cache
from importlib.resources import files
from random import Random

import pytest

from raftstep.scenario.proofs.certificate import FILES_NOT_DIGESTED
from raftstep.scenario.proofs.code_digest import digest_code
from tests.scenario.proofs.rewriting import (
    CHANGES,
    FUNCTIONS,
    list_own_names,
    rename_everywhere,
    rename_locals,
    replace_annotations,
    replace_docstrings,
)

PACKAGE = files("raftstep")
SOURCES = {
    f"{folder}/{file.name}": file.read_text(encoding="utf-8")
    for folder in ("core", "simulation/explore")
    for file in sorted(PACKAGE.joinpath(folder).iterdir(), key=lambda file: file.name)
    if file.name.endswith(".py") and file.name not in FILES_NOT_DIGESTED
}
SOURCES["simulation/invariants.py"] = PACKAGE.joinpath("simulation/invariants.py").read_text(encoding="utf-8")
CHANGES_TRIED = 35


def parse_all() -> list[ast.Module]:
    return [ast.parse(source) for source in SOURCES.values()]


@pytest.fixture(scope="module")
def digest() -> str:
    return digest_code(SOURCES.values())


# What does not count


@pytest.mark.parametrize("seed", range(3))
def test_names_of_functions_classes_fields_and_parameters_do_not_count(seed: int, digest: str) -> None:
    """Issue: certificates survive a rename. Thirty names at once, each changed wherever it stands."""
    trees = parse_all()
    names = Random(seed).sample(list_own_names(trees), 30)

    for tree in trees:
        rename_everywhere(tree, {name: f"{name}_renamed" for name in names})

    assert digest_code(map(ast.unparse, trees)) == digest, names


def test_all_names_at_once_do_not_count(digest: str) -> None:
    """Issue: certificates survive a rename, and the sweep that renamed everything was one."""
    trees = parse_all()
    names = list_own_names(trees)

    for tree in trees:
        rename_everywhere(tree, {name: f"name_{number}" for number, name in enumerate(reversed(names))})

    assert digest_code(map(ast.unparse, trees)) == digest


def test_names_of_local_variables_do_not_count(digest: str) -> None:
    """Issue: certificates survive a rename. In every function one variable, drawn by chance, is called otherwise."""
    trees = parse_all()
    rng = Random(1)

    functions = [node for tree in trees for node in ast.walk(tree) if isinstance(node, FUNCTIONS)]
    renamed_count = sum(rename_locals(function, rng) for function in functions)

    assert renamed_count > 50
    assert digest_code(map(ast.unparse, trees)) == digest


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_the_modules_does_not_count(seed: int, digest: str) -> None:
    """A file that is renamed is read at another turn."""
    sources = list(SOURCES.values())
    Random(seed).shuffle(sources)

    assert digest_code(sources) == digest


def test_comments_docstrings_annotations_and_layout_do_not_count(digest: str) -> None:
    """What is written for readers and for mypy, a search never sees. A tree has neither comments nor layout."""
    trees = parse_all()
    for tree in trees:
        replace_docstrings(tree)
        replace_annotations(tree)

    assert digest_code(map(ast.unparse, trees)) == digest


def test_imports_do_not_count(digest: str) -> None:
    """Which module a function stands in does not matter to what it does."""
    trees = parse_all()
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and is_own_module(node.module):
                node.module = "raftstep.elsewhere"

    assert digest_code(map(ast.unparse, trees)) == digest


# What does


@pytest.mark.parametrize("kind", CHANGES)
def test_every_change_of_what_the_code_does_counts(kind: str) -> None:
    """A certificate that outlived a change of the core would vouch for a search that nobody made."""
    rng = Random(kind)
    unseen = []
    for _ in range(CHANGES_TRIED):
        name, source, line, changed_source = change_somewhere(kind, rng)
        if digest_code([changed_source]) == digest_one(source):
            unseen.append(f"{name}:{line}")

    assert unseen == []


@cache
def digest_one(source: str) -> str:
    return digest_code([source])


def change_somewhere(kind: str, rng: Random) -> tuple[str, str, int, str]:
    """A file, its source, the line of a place in it drawn by chance, and the source changed there."""
    while True:
        name, source = rng.choice(sorted(SOURCES.items()))
        tree = ast.parse(source)
        changes = list(CHANGES[kind](tree))
        if changes:
            line, change = rng.choice(changes)
            change()
            return name, source, line, ast.unparse(ast.fix_missing_locations(tree))


def test_a_field_used_for_another_counts(digest: str) -> None:
    """A rename changes a name wherever it stands; in one place alone it is a change of what the code does."""
    trees = parse_all()
    attributes = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    commit_index = next(node for node in attributes if node.attr == "commit_index")
    commit_index.attr = "last_applied"

    assert digest_code(map(ast.unparse, trees)) != digest


# What it cannot see, and what keeps it from having to


def test_no_import_there_gives_another_name() -> None:
    """Imports are left out, so `from math import floor as up` could be made `ceil` unseen."""
    aliases = [
        alias.name
        for tree in parse_all()
        for node in ast.walk(tree)
        if isinstance(node, ast.Import) or (isinstance(node, ast.ImportFrom) and not is_own_module(node.module))
        for alias in node.names
        if alias.asname
    ]

    assert aliases == []


def is_own_module(module: str | None) -> bool:
    return (module or "").partition(".")[0] == "raftstep"


def test_no_annotation_there_changes_what_a_dataclass_does() -> None:
    """Annotations are left out, and these are the ones that `dataclass` obeys."""
    words = ("ClassVar", "InitVar", "KW_ONLY")

    assert [name for name, source in SOURCES.items() if any(word in source for word in words)] == []


def test_fields_that_texts_name_are_known() -> None:
    """A text counts as it stands, so a field renamed without the text that names it would go unseen but for this."""
    calls = ("getattr", "setattr", "hasattr")
    sources_that_look_up = [name for name, source in SOURCES.items() if any(f"{call}(" in source for call in calls)]

    assert sources_that_look_up == ["simulation/explore/bounds.py", "simulation/explore/renaming.py"]

    from raftstep.core.model import Node
    from raftstep.simulation.explore.bounds import BOUND_NOUNS, BOUND_RANGES, Bounds

    assert "settings" in {field.name for field in fields(Node)}, "renaming.py leaves this field out by its name"
    assert {name for name, _, _ in BOUND_RANGES} | set(BOUND_NOUNS) <= {field.name for field in fields(Bounds)}


# What it changes for without need


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("def a(): return 1\ndef b(): return 2", "def b(): return 2\ndef a(): return 1", id="moved"),
        pytest.param(
            "def f(xs): return [x for x in xs], [x for x in xs]",
            "def f(xs): return [x for x in xs], [y for y in xs]",
            id="one of two comprehensions renamed",
        ),
        pytest.param(
            "def f():\n    done = g()\n    return Result(done=done)",
            "def f():\n    ended = g()\n    return Result(done=ended)",
            id="a local of the name of a keyword that another module gives",
        ),
        pytest.param("class A:\n    index = 1", "class A:\n    position = 1", id="a name that a built-in type has too"),
        pytest.param("def f(n): return f'{n} nodes'", "def f(n): return f'{n} servers'", id="words for people"),
        pytest.param("def f(n): return n + 1 + 1", "def f(n): return n + 2", id="the same by arithmetic"),
    ],
)
def test_a_harmless_change_may_count(before: str, after: str) -> None:
    """The safe side: what cannot be told from a change is taken for one, and costs a search."""
    assert digest_code([before]) != digest_code([after])


def test_no_name_that_searches_rest_on_is_defined_twice() -> None:
    """Imports do not count, so a digest cannot see which of two modules a function of one name comes from."""
    trees = parse_all()
    imported = {
        alias.name
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("raftstep.")
        for alias in node.names
    }
    definitions = [
        node.name
        for tree in trees
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name in imported
    ]

    assert sorted(name for name in set(definitions) if definitions.count(name) > 1) == []
