"""Programs rewritten through their syntax trees: the same under other names, or another in one place."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Iterator
from random import Random

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
BUILT_IN_TYPES = (str, bytes, int, float, tuple, list, dict, set, frozenset, memoryview, bytearray, property)
OF_PYTHON = frozenset(dir(builtins)).union(*(dir(kind) for kind in BUILT_IN_TYPES))


# Under other names


def rename_everywhere(tree: ast.AST, new_names: dict[str, str]) -> None:
    """Give functions, classes, fields, parameters and variables other names, wherever they stand."""
    for node in ast.walk(tree):
        for field, value in ast.iter_fields(node):
            if isinstance(node, ast.Constant) or field in ("type_comment", "module", "kind"):
                continue
            if isinstance(value, str):
                setattr(node, field, new_names.get(value, value))
            elif isinstance(value, list) and value and isinstance(value[0], str):
                setattr(node, field, [new_names.get(name, name) for name in value])


def list_own_names(trees: list[ast.Module]) -> list[str]:
    """The names that may be changed everywhere: those these modules give, and no one else uses."""
    own, foreign = set[str](), set[str]()
    for node in (node for tree in trees for node in ast.walk(tree)):
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.arg(arg=name):
                own.add(name)
            case ast.Name(id=name, ctx=ast.Store()):
                own.add(name)
            case ast.ImportFrom(module=module, names=aliases) if (module or "").partition(".")[0] == "raftstep":
                own.update(alias.name for alias in aliases)
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                foreign.update(alias.asname or alias.name for alias in aliases)
            case ast.Call(func=ast.Name(id=function), keywords=keywords) if function in OF_PYTHON:
                foreign.update(keyword.arg for keyword in keywords if keyword.arg)
    return sorted(name for name in own - foreign - OF_PYTHON if not name.startswith("__"))


def rename_locals(function: ast.AST, rng: Random) -> bool:
    """Give one variable of a function another name, throughout the function; say whether it has any to rename.

    Left out are those of the name of a keyword in the function, which another module may have given.
    """
    arguments = {node.arg for node in ast.walk(function) if isinstance(node, ast.arg)}
    shared = {name for node in ast.walk(function) if isinstance(node, ast.Nonlocal | ast.Global) for name in node.names}
    nested_names = {node.name for node in ast.walk(function) if isinstance(node, (*FUNCTIONS, ast.ClassDef))}
    stored = {n.id for n in ast.walk(function) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    keywords = {node.arg for node in ast.walk(function) if isinstance(node, ast.keyword)}
    names = sorted(stored - arguments - shared - nested_names - keywords)
    if not names:
        return False
    old_name = rng.choice(names)
    for node in ast.walk(function):
        match node:
            case ast.Name(id=name) if name == old_name:
                node.id = f"{old_name}_renamed"
            case ast.MatchAs(name=name) | ast.MatchStar(name=name) | ast.ExceptHandler(name=name) if name == old_name:
                node.name = f"{old_name}_renamed"
    return True


# With other words for people


def replace_docstrings(tree: ast.AST) -> None:
    """Another text wherever a sentence stands by itself."""
    for node in ast.walk(tree):
        match node:
            case ast.Expr(value=ast.Constant(value=str()) as constant):
                constant.value = "Other words."


def replace_annotations(tree: ast.AST) -> None:
    """Another type wherever one is named for the reader and for mypy."""
    for node in ast.walk(tree):
        match node:
            case ast.arg(annotation=ast.expr()) | ast.AnnAssign():
                node.annotation = ast.Name("SomeOtherType", ast.Load())
            case ast.FunctionDef(returns=ast.expr()):
                node.returns = ast.Name("SomeOtherType", ast.Load())


# Another program in one place

Change = Callable[[], None]
OTHER_COMPARISON: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}


def list_code(tree: ast.Module) -> Iterator[ast.AST]:
    """All of a module that runs: neither imports nor annotations nor docstrings."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        is_docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if is_docstring or isinstance(node, ast.Import | ast.ImportFrom):
            continue
        yield node
        for field, value in ast.iter_fields(node):
            if field not in ("annotation", "returns"):
                waiting += [
                    part for part in (value if isinstance(value, list) else [value]) if isinstance(part, ast.AST)
                ]


def list_comparison_changes(tree: ast.Module) -> Iterator[tuple[int, Change]]:
    """Another comparison: `<` for `<=`, `in` for `not in`."""
    for node in list_code(tree):
        if isinstance(node, ast.Compare):
            for number, operator in enumerate(node.ops):
                yield (
                    node.lineno,
                    lambda node=node, number=number, operator=operator: node.ops.__setitem__(
                        number, OTHER_COMPARISON[type(operator)]()
                    ),
                )


def list_constant_changes(tree: ast.Module) -> Iterator[tuple[int, Change]]:
    """Another number, text or truth value."""
    for node in list_code(tree):
        match node:
            case ast.Constant(value=bool(value)):
                yield node.lineno, lambda node=node, value=value: setattr(node, "value", not value)
            case ast.Constant(value=int(value) | float(value)):
                yield node.lineno, lambda node=node, value=value: setattr(node, "value", value + 1)
            case ast.Constant(value=str(value)):
                yield node.lineno, lambda node=node, value=value: setattr(node, "value", value + "!")


def list_name_changes(tree: ast.Module) -> Iterator[tuple[int, Change]]:
    """Another variable of the same function, where one is read."""
    for function in (node for node in list_code(tree) if isinstance(node, FUNCTIONS)):
        reads = [n for n in list_code_of(function) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)]
        names = sorted({read.id for read in reads} | {argument.arg for argument in function.args.args})
        for read in reads:
            others = [name for name in names if name != read.id]
            if others:
                other = others[read.col_offset % len(others)]
                yield read.lineno, lambda read=read, other=other: setattr(read, "id", other)


def list_code_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[ast.AST]:
    """All that runs in a function."""
    return list_code(ast.Module(body=function.body, type_ignores=[]))


def list_dropped_statements(tree: ast.Module) -> Iterator[tuple[int, Change]]:
    """A statement less."""
    for node in list_code(tree):
        for block in (getattr(node, field, None) for field in ("body", "orelse")):
            for number, statement in enumerate(block if isinstance(block, list) else []):
                is_text = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
                if not is_text and not isinstance(statement, ast.Import | ast.ImportFrom | ast.Pass):
                    yield statement.lineno, lambda block=block, number=number: block.__setitem__(number, ast.Pass())


def list_negated_conditions(tree: ast.Module) -> Iterator[tuple[int, Change]]:
    """A condition turned round."""
    for node in list_code(tree):
        match node:
            case ast.If(test=test) | ast.IfExp(test=test) | ast.While(test=test):
                yield (
                    test.lineno,
                    lambda node=node, test=test: setattr(node, "test", ast.UnaryOp(op=ast.Not(), operand=test)),
                )


def list_swapped_arguments(tree: ast.Module) -> Iterator[tuple[int, Change]]:
    """The first two arguments of a call, the other way round."""
    for node in list_code(tree):
        if isinstance(node, ast.Call) and len(node.args) > 1 and ast.dump(node.args[0]) != ast.dump(node.args[1]):
            yield node.lineno, lambda args=node.args: args.__setitem__(slice(2), [args[1], args[0]])


CHANGES: dict[str, Callable[[ast.Module], Iterator[tuple[int, Change]]]] = {
    "a comparison": list_comparison_changes,
    "a constant": list_constant_changes,
    "a variable": list_name_changes,
    "a statement less": list_dropped_statements,
    "a condition negated": list_negated_conditions,
    "arguments swapped": list_swapped_arguments,
}
