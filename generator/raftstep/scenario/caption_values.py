"""What is in the holes of a caption: its tree worked out over the facts of one moment of a run.

A value is text, a whole number, true or false, none, a list, a mapping, a :class:`Function`, or :class:`Facts`, which
have attributes. There is nothing else, so a caption reaches no object of Python. Each step is counted, and every text
and number has a bound: whatever the caption, it ends.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, ClassVar

from raftstep.scenario.caption_language import (
    LONGEST_CAPTION,
    LONGEST_NUMBER,
    Attribute,
    Branches,
    Call,
    Caption,
    CaptionError,
    Choice,
    Comparison,
    Expression,
    Filter,
    Hole,
    Index,
    Joined,
    ListOf,
    Literal,
    Logic,
    Name,
    Negative,
    Not,
    Part,
    Question,
    Span,
    Sum,
    Words,
)

MOST_STEPS = 20_000
"""How many values a caption looks at."""

GREATEST_NUMBER = 10**LONGEST_NUMBER - 1


SUBJECT = "SUBJECT"
"""Represents what the author wrote in the words of a :class:`FactError`."""


class FactError(Exception):
    """Why a fact or a filter has no value for what it was given; ends with how to fix it."""

    def __init__(self, words: str, *, is_missing: bool = False) -> None:
        super().__init__(words)
        self.words = words
        self.is_missing = is_missing


class Facts:
    """Something with attributes: those of the object, but for names that begin with ``_``, and the methods listed."""

    KIND: ClassVar[str] = "a thing"
    METHODS: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    """The methods that captions may call, each with its parameters' names."""

    def write_alone(self) -> str | None:
        """What it is when written alone; ``None`` where it has no words."""
        return None

    def compare_as(self) -> object:
        """What it is equal to, and ordered by: its words where it has some."""
        words = self.write_alone()
        return self if words is None else words


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """Something to call. Of its parameters the first ``required`` must be given."""

    name: str
    parameters: tuple[str, ...]
    required: int
    call: Callable[..., Any]


def attribute_names(facts: Facts) -> tuple[str, ...]:
    """Everything that a caption may ask of facts, sorted."""
    return tuple(sorted({*(name for name in vars(facts) if not name.startswith("_")), *facts.METHODS}))


def suggest_name(word: str, names: Sequence[str]) -> str:
    """The nearest of some names, and all of them. ``match_index`` is near ``match``, which means the same in short."""
    shortened = [name for name in names if len(name) > 2 and word.startswith(f"{name}_")]
    if matches := shortened or get_close_matches(word[:40], names, n=1):
        return f'did you mean "{matches[0]}"? (known: {", ".join(names)})'
    return f"use one of these: {', '.join(names)}"


def kind_of(value: object) -> str:
    """What a value is, for messages."""
    match value:
        case None:
            return "none"
        case bool():
            return "true or false"
        case int():
            return f"the number {value}"
        case str():
            return f'the text "{value[:40]}"'
        case list() | tuple():
            return "a list"
        case Mapping():
            return "a mapping"
        case Function():
            return "a function"
        case Facts():
            return value.KIND
    return "nothing that captions know"


def words_of(value: object) -> str:
    """What a value is when written. Raises :class:`FactError` for those that have no words."""
    match value:
        case bool():
            raise FactError('it is true or false, which has no words; write {{ "yes" if SUBJECT else "no" }}')
        case str():
            return value
        case int():
            return str(value)
        case None:
            raise FactError('there is none at this moment; write {{ SUBJECT or "none" }}, or an {% if %}')
        case list() | tuple():
            raise FactError("it is a list, and has no words of its own; write {{ SUBJECT | listed }}, or SUBJECT[0]")
        case Mapping():
            key = next(iter(value), "x")
            raise FactError(f"it is a mapping, and has no words of its own; write one of its values, SUBJECT.{key}")
        case Function():
            arguments = ", ".join(value.parameters[: value.required])
            raise FactError(f"it is a function; call it: SUBJECT({arguments})")
        case Facts():
            if (words := value.write_alone()) is not None:
                return words
            names = attribute_names(value)
            others = f" (it has {', '.join(names)})"
            raise FactError(f"{value.KIND} has no words of its own; write an attribute, SUBJECT.{names[0]}{others}")
    raise FactError("it is nothing that captions can write; write one of the names of this moment")


def plain_value(value: object) -> object:
    """A value as comparisons see it: what has words is equal to them, so that ``S1.vote == leader`` holds."""
    return value.compare_as() if isinstance(value, Facts) else value


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledHole:
    """What the run put into a hole, and where the hole is."""

    text: str
    span: Span


class Evaluation:
    """One caption filled once."""

    def __init__(
        self,
        caption: Caption,
        facts: Mapping[str, Any],
        filters: Mapping[str, FilterRule],
        other_names: Collection[str],
    ) -> None:
        self.caption = caption
        self.facts = facts
        self.filters = filters
        self.other_names = other_names
        self.steps_left = MOST_STEPS
        self.length = 0

    def fill(self) -> list[str | FilledHole]:
        """Words and filled holes in their order. Raises :class:`CaptionError`, and nothing else.

        ``other_names`` are those of other moments: they may be used in a condition that does not hold at this one.
        """
        for name in self.caption.names:
            if name.name not in self.facts and name.name not in self.other_names:
                raise self._unknown_name(name)
        return self._fill_parts(self.caption.parts)

    def answer(self) -> bool:
        """Whether a condition holds: a caption with one hole, whose value is true or false.

        Raises :class:`CaptionError`, and nothing else.
        """
        hole = self.caption.parts[0]
        assert isinstance(hole, Hole)
        value = self.evaluate(hole.expression)
        if not isinstance(value, bool):
            words = f"it is {kind_of(value)}, and a condition is true or false; compare it, as in S1.term == 2"
            raise CaptionError(words, hole.span)
        return value

    def _fill_parts(self, parts: tuple[Part, ...]) -> list[str | FilledHole]:
        pieces: list[str | FilledHole] = []
        for part in parts:
            self.count_steps(1, (0, 0))
            match part:
                case Words():
                    self._lengthen(part.text, (0, 0))
                    pieces.append(part.text)
                case Hole():
                    text = self.write(part.expression)
                    self._lengthen(text, part.span)
                    pieces.append(FilledHole(text=text, span=part.span))
                case Branches():
                    pieces += self._fill_parts(self._choose_branch(part))
        return pieces

    def _choose_branch(self, branches: Branches) -> tuple[Part, ...]:
        for condition, parts in branches.cases:
            if self.evaluate(condition):
                return parts
        return branches.otherwise

    def _lengthen(self, text: str, span: Span) -> None:
        self.length += len(text)
        if self.length > LONGEST_CAPTION:
            raise CaptionError(f"filled, it has more than {LONGEST_CAPTION:,} characters; say less", span)

    def count_steps(self, count: int, span: Span) -> None:
        """Use up some of the steps that a caption has."""
        self.steps_left -= count
        if self.steps_left < 0:
            raise CaptionError(f"it looks at more than {MOST_STEPS:,} values; ask for less", span)

    def write(self, expression: Expression) -> str:
        """The words of a value, or what to write in its place."""
        value = self.evaluate(expression)
        return str(self._guard(lambda: words_of(value), expression, expression))

    def evaluate(self, expression: Expression) -> Any:
        """The value of an expression."""
        self.count_steps(1, expression.span)
        match expression:
            case Literal():
                return expression.value
            case ListOf():
                return [self.evaluate(item) for item in expression.items]
            case Name():
                return self._find_name(expression)
            case Attribute():
                return self._find_attribute(self.evaluate(expression.subject), expression)
            case Index():
                return self._find_item(self.evaluate(expression.subject), self.evaluate(expression.index), expression)
            case Call():
                return self._call(expression)
            case Filter():
                return self._filter(expression)
            case Question():
                return self._ask(expression)
            case Choice():
                return self.evaluate(expression.then if self.evaluate(expression.condition) else expression.otherwise)
            case Logic() | Not() | Comparison():
                return self._decide(expression)
            case Sum() | Negative():
                return self._add(expression)
            case Joined():
                text = "".join(self.write(part) for part in expression.parts)
                self._check_text(text, expression.span)
                return text

    def _find_name(self, name: Name) -> Any:
        if name.name in self.facts:
            return self.facts[name.name]
        raise self._unknown_name(name)

    def _unknown_name(self, name: Name) -> CaptionError:
        names = sorted(self.facts)
        advice = suggest_name(name.name, names)
        if name.name in self.other_names:
            advice = f"ask first, with {{% if {name.name} is defined %}}, or name one of these: {', '.join(names)}"
        words = f'there is no "{name.name[:40]}" at this moment; {advice}'
        return CaptionError(words, name.span, is_missing=True)

    def _find_attribute(self, subject: object, attribute: Attribute) -> Any:
        name, span = attribute.name, attribute.span
        if isinstance(subject, Facts):
            if name in subject.METHODS:
                parameters = subject.METHODS[name]
                call = getattr(subject, name)
                return Function(name=name, parameters=parameters, required=len(parameters), call=call)
            if not name.startswith("_") and name in vars(subject):
                return vars(subject)[name]
            words = f'{subject.KIND} has no "{name[:40]}"; {suggest_name(name, attribute_names(subject))}'
            raise CaptionError(words, span, is_missing=True)
        if isinstance(subject, Mapping):
            return self._find_key(subject, name, span)
        if subject is None:
            words = f'there is none at this moment, so it has no "{name[:40]}"; ask first, with {{% if … %}}'
            raise CaptionError(words, span, is_missing=True)
        advice = "write an index such as [0], or | length" if isinstance(subject, (list, tuple)) else "remove it"
        raise CaptionError(f'{kind_of(subject)} has no "{name[:40]}"; {advice}', span, is_missing=True)

    def _find_key(self, mapping: Mapping[str, Any], key: object, span: Span) -> Any:
        key = plain_value(key)
        if isinstance(key, str) and key in mapping:
            return mapping[key]
        known = suggest_name(str(key), [str(name) for name in mapping]) if mapping else "it is empty"
        words = f"{kind_of(key)} is no key of it; {known}"
        raise CaptionError(words, span, is_missing=True)

    def _find_item(self, subject: object, index: object, expression: Index) -> Any:
        span = expression.span
        if isinstance(subject, Mapping):
            return self._find_key(subject, index, span)
        if not isinstance(subject, (list, tuple)):
            raise CaptionError(f"{kind_of(subject)} is no list, so it has no [index]; remove it", span)
        if not isinstance(index, int) or isinstance(index, bool):
            raise CaptionError(f"an index is a whole number, and this is {kind_of(index)}; write it like [0]", span)
        size = len(subject)
        if -size <= index < size:
            return subject[index]
        items = f"from [0] to [{size - 1}]" if size else "none at all"
        raise CaptionError(f"there is no item [{index}]; the list has {items}", span, is_missing=True)

    def _call(self, call: Call) -> Any:
        function = self.evaluate(call.function)
        if not isinstance(function, Function):
            raise CaptionError(f"{kind_of(function)} is no function; remove the brackets", call.span)
        values = self._bind(function, call.arguments, call.named_arguments, call.span)
        return self._guard(lambda: function.call(*values), call, call)

    def _guard(self, call: Callable[[], Any], expression: Expression, subject: Expression) -> Any:
        """What a call gives; an error names the expression, in the words of its subject."""
        span = expression.span
        try:
            value = call()
        except FactError as error:
            source = self.caption.text[slice(*subject.span)]
            words = error.words.replace(SUBJECT, source if len(source) <= 60 else "…")
            raise CaptionError(words, span, is_missing=error.is_missing) from None
        except CaptionError:
            raise
        except Exception:  # a mistake of ours, which must not end a build
            raise CaptionError("this has no value here; write it otherwise", span) from None
        if isinstance(value, (list, tuple)):
            self.count_steps(len(value), span)
        return value

    def _bind(
        self,
        function: Function | FilterRule,
        arguments: tuple[Expression, ...],
        named_arguments: tuple[tuple[str, Expression], ...],
        span: Span,
    ) -> list[Any]:
        """The values for a function's parameters, in their order, up to the last that is given."""
        parameters = function.parameters
        takes = f"{function.name} takes ({', '.join(parameters)})" if parameters else f"{function.name} takes nothing"
        if len(arguments) > len(parameters):
            raise CaptionError(f"{function.name} is given {len(arguments)} values; {takes}", span)
        given = dict(zip(parameters, (self.evaluate(argument) for argument in arguments), strict=False))
        for name, argument in named_arguments:
            if name not in parameters or name in given:
                raise CaptionError(f'{function.name} has no place for "{name[:40]}"; {takes}', span)
            given[name] = self.evaluate(argument)
        missing = [name for name in parameters[: function.required] if name not in given]
        if missing:
            raise CaptionError(f'{function.name} needs "{missing[0]}"; {takes}', span)
        return [given.get(name) for name in parameters]

    def _filter(self, expression: Filter) -> Any:
        rule = self.filters.get(expression.name)
        if rule is None:
            raise unknown_filter(expression, self.filters)
        if expression.name == "default":
            try:
                value = self.evaluate(expression.subject)
            except CaptionError as fault:
                if not fault.is_missing:
                    raise
                value = None
        else:
            value = self.evaluate(expression.subject)
        values = self._bind(rule, expression.arguments, expression.named_arguments, expression.span)
        if isinstance(value, (list, tuple, str)):
            # A filter may look at a whole list for each item, as selectattr(…, "in", list) does.
            longest_list = max((len(other) for other in values if isinstance(other, (list, tuple))), default=1)
            self.count_steps(len(value) * max(1, longest_list), expression.span)
        result = self._guard(lambda: rule.apply(value, *values), expression, expression.subject)
        if isinstance(result, str):
            self._check_text(result, expression.span)
        return result

    def _check_text(self, text: str, span: Span) -> None:
        if len(text) > LONGEST_CAPTION:
            raise CaptionError(f"the text has more than {LONGEST_CAPTION:,} characters; say less", span)

    def _ask(self, question: Question) -> bool:
        if question.name == "none":
            return (self.evaluate(question.subject) is None) is not question.is_negated
        try:
            self.evaluate(question.subject)
        except CaptionError as fault:
            if not fault.is_missing:
                raise
            return question.is_negated
        return not question.is_negated

    def _decide(self, expression: Logic | Not | Comparison) -> Any:
        match expression:
            case Not():
                return not self.evaluate(expression.operand)
            case Logic():
                left = self.evaluate(expression.left)
                is_decided = bool(left) == (expression.operator == "or")
                return left if is_decided else self.evaluate(expression.right)
        left = self.evaluate(expression.first)
        for operator, operand in expression.rest:
            right = self.evaluate(operand)
            if not self._compare(operator, left, right, expression.span):
                return False
            left = right
        return True

    def _compare(self, operator: str, left: object, right: object, span: Span) -> bool:
        plain_left, plain_right = plain_value(left), plain_value(right)
        if operator in ("in", "not in"):
            return self._contains(plain_right, plain_left, span) is (operator == "in")
        if operator in ("==", "!="):
            return are_equal(plain_left, plain_right) is (operator == "==")
        if not is_ordered(plain_left, plain_right):
            words = f"{kind_of(left)} and {kind_of(right)} have no order; compare two numbers, or ask for =="
            raise CaptionError(words, span)
        is_less: bool = plain_left < plain_right  # type: ignore[operator]
        is_equal = plain_left == plain_right
        return {"<": is_less, "<=": is_less or is_equal, ">": not (is_less or is_equal), ">=": not is_less}[operator]

    def _contains(self, holder: object, value: object, span: Span) -> bool:
        if isinstance(holder, str):
            if not isinstance(value, str):
                raise CaptionError(f"a text cannot hold {kind_of(value)}; ask for a text in it", span)
            return value in holder
        if isinstance(holder, Mapping):
            return isinstance(value, str) and value in holder
        if isinstance(holder, (list, tuple)):
            self.count_steps(len(holder), span)
            return any(are_equal(plain_value(item), value) for item in holder)
        raise CaptionError(f"{kind_of(holder)} holds nothing; ask what is in a list, a mapping or a text", span)

    def _add(self, expression: Sum | Negative) -> int:
        if isinstance(expression, Negative):
            return -self._number(expression.operand, "-")
        left = self._number(expression.left, expression.operator)
        right = self._number(expression.right, expression.operator)
        result = left + right if expression.operator == "+" else left - right
        if abs(result) > GREATEST_NUMBER:
            raise CaptionError(f"the number is out of range; keep below {GREATEST_NUMBER:,}", expression.span)
        return result

    def _number(self, expression: Expression, operator: str) -> int:
        value = self.evaluate(expression)
        if not isinstance(value, int) or isinstance(value, bool):
            advice = "write ~ to put texts together" if operator == "+" else "write a number"
            raise CaptionError(f"{operator} is for numbers, and this is {kind_of(value)}; {advice}", expression.span)
        return value


def are_equal(left: object, right: object) -> bool:
    """Whether two values are the same; lists only where they are one and the same fact."""
    if isinstance(left, (str, int, tuple)):
        return type(left) is type(right) and left == right
    return left is right


def is_ordered(left: object, right: object) -> bool:
    """Whether one of two plain values comes first: two numbers, two texts or two ballots do."""
    return type(left) is type(right) and isinstance(left, (int, str, tuple)) and not isinstance(left, bool)


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterRule:
    """A filter: its parameters, of which the first ``required`` must be given, and what it makes of a value."""

    name: str
    parameters: tuple[str, ...] = ()
    required: int = 0
    apply: Callable[..., Any]


def unknown_filter(expression: Filter, filters: Mapping[str, FilterRule]) -> CaptionError:
    """What is wrong with a filter that captions do not have."""
    words = f'captions have no filter "{expression.name[:40]}"; {suggest_name(expression.name, [*filters])}'
    return CaptionError(words, expression.span)
