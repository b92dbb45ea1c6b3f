"""A digest of what code does, whatever its names: equal for two sources that differ only in names, words or layout.

A certificate holds for one state of the core and the search. Had it to be made again for every renamed variable, nobody
would rename one. So the digest is taken of the syntax trees, in which

- comments, docstrings, annotations, imports and layout are left out,
- a local variable is its number within its function,
- a name that these modules define (a function, a class, a field) is its number within all of them,
- every other name counts as it is: those of Python, of its standard library, and all text in quotation marks.

Two sources of one digest are therefore the same program up to a renaming. The converse may fail: a harmless change,
such as a function that moves, can alter the digest, and costs a search that is made once more.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Iterator
from hashlib import sha256

_PACKAGE = "raftstep"

_LEFT_OUT = frozenset({"annotation", "returns", "ctx", "type_comment", "type_ignores", "type_params", "kind"})
"""Fields of a syntax tree that do not change what a program does."""

_FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)

_OUTSIDE = frozenset(dir(builtins)).union(
    *(
        dir(kind)
        for kind in (str, bytes, int, float, tuple, list, dict, set, frozenset, memoryview, bytearray, property)
    )
)
"""Names that Python gives a meaning of its own; they count as they are, even where these modules use them too."""


def digest_code(sources: Iterable[str]) -> str:
    """The digest of some modules that belong together, given as source text in any order.

    >>> digest_code(["def longer(one, two):\\n    return one + two"]) == digest_code(["def total(a, b): return a + b"])
    True
    >>> digest_code(["def total(a, b): return a + b"]) == digest_code(["def total(a, b): return b + a"])
    False
    """
    trees = sorted((ast.parse(source) for source in sources), key=_outline)
    numbers = _Numbers(trees)
    total = sha256()
    for tree in trees:
        for word in numbers.words(tree):
            total.update(word.encode() + b"\0")
    return total.hexdigest()


def _outline(tree: ast.Module) -> str:
    """A module with every name blank, to put modules in an order that no renaming changes."""
    return "\0".join(word for word in _Numbers([tree], blank=True).words(tree))


class _Numbers:
    """The names of some modules as numbers, given in the order in which the names appear."""

    def __init__(self, trees: list[ast.Module], *, blank: bool = False) -> None:
        self._blank = blank
        self._ours = _defined(trees)
        self._keywords = {node.arg for tree in trees for node in ast.walk(tree) if isinstance(node, ast.keyword)}
        self._globals: dict[str, int] = {}
        self._scopes: list[dict[str, int | None]] = []

    def words(self, node: ast.AST) -> Iterator[str]:
        """A syntax tree as a row of words."""
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            return
        yield f"<{type(node).__name__}"
        is_function = isinstance(node, _FUNCTION)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield self._name(node.name)
        if is_function:
            self._scopes.append(dict.fromkeys(self._locals(node)))
        for field, value in ast.iter_fields(node):
            if field in _LEFT_OUT or (is_function and field == "name"):
                continue
            values = _without_docstring(value) if field == "body" and isinstance(value, list) else value
            yield f".{field}"
            for part in values if isinstance(values, list) else [values]:
                if isinstance(part, ast.AST):
                    yield from self.words(part)
                elif isinstance(part, str) and not isinstance(node, ast.Constant):
                    in_scope = isinstance(node, (ast.Name, ast.arg, ast.MatchAs, ast.MatchStar, ast.ExceptHandler))
                    yield self._variable(part) if in_scope else self._name(part)
                else:
                    yield f"{type(part).__name__} {part!r}"
        if is_function:
            self._scopes.pop()
        yield ">"

    def _locals(self, function: ast.AST) -> Iterator[str]:
        """The variables of a function that nothing outside it can name."""
        shared: set[str] = set()
        found: list[str] = []
        for node in _inside(function):
            match node:
                case ast.Global(names=names) | ast.Nonlocal(names=names):
                    shared.update(names)
                case ast.arg(arg=name) if name not in self._keywords:
                    found.append(name)
                case ast.Name(id=name, ctx=ast.Store()):
                    found.append(name)
                case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)) | ast.ExceptHandler(name=str(name)):
                    found.append(name)
        arguments = {node.arg for node in _inside(function) if isinstance(node, ast.arg)}
        shared |= arguments & self._keywords
        yield from (name for name in found if name not in shared)

    def _variable(self, name: str) -> str:
        """A name where variables are looked up: in the functions around it, from the inside out."""
        for depth, scope in enumerate(reversed(self._scopes)):
            if name in scope:
                number = scope[name]
                if number is None:
                    number = scope[name] = sum(known is not None for known in scope.values())
                return "local" if self._blank else f"local {depth} {number}"
        return self._name(name)

    def _name(self, name: str) -> str:
        if name not in self._ours:
            return f"name {name}"
        return "ours" if self._blank else f"ours {self._globals.setdefault(name, len(self._globals))}"


def _defined(trees: list[ast.Module]) -> frozenset[str]:
    """The names that are these modules' own, or the package's."""
    found: set[str] = set()
    foreign: set[str] = set()
    for node in (node for tree in trees for node in ast.walk(tree)):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                found.add(name)
            case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()) | ast.arg(arg=name):
                found.add(name)
            case ast.Import(names=names):
                foreign.update(alias.asname or alias.name for alias in names)
            case ast.ImportFrom(module=module, names=names):
                is_own = (module or "").partition(".")[0] == _PACKAGE
                (found if is_own else foreign).update(alias.asname or alias.name for alias in names)
    dunders = {name for name in found if name.startswith("__")}
    return frozenset(found - foreign - _OUTSIDE - dunders)


def _inside(function: ast.AST) -> Iterator[ast.AST]:
    """All of a function but what is in functions within it; of those only the names they define."""
    waiting = list(ast.iter_child_nodes(function))
    while waiting:
        node = waiting.pop(0)
        yield node
        if not isinstance(node, _FUNCTION):
            waiting[:0] = ast.iter_child_nodes(node)


def _without_docstring(body: list[ast.AST]) -> list[ast.AST]:
    """A body without strings that are statements of their own."""
    return [
        statement
        for statement in body
        if not (
            isinstance(statement, ast.Expr)
            and isinstance(statement.value, ast.Constant)
            and isinstance(statement.value.value, str)
        )
    ]
