"""From the text of a caption to its tree, in one pass, without going back; every refusal says what to write instead."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

from raftstep.scenario.caption_language import (
    CLOSING,
    COMPARISONS,
    DEEPEST_NESTING,
    KEYWORDS,
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
    Mark,
    Name,
    Negative,
    Not,
    Part,
    Question,
    Span,
    Sum,
    Token,
    Words,
    read_string,
    split_marks,
)

CONSTANTS: dict[str, bool | None] = {
    "true": True,
    "True": True,
    "false": False,
    "False": False,
    "none": None,
    "None": None,
}
QUESTIONS = ("defined", "none")
"""What may follow ``is``."""

_UNKNOWN_SIGNS = {
    "*": "captions do not multiply; write the number itself, or have the run say it",
    "**": "captions do not multiply; write the number itself, or have the run say it",
    "/": "captions do not divide; write the number itself, or have the run say it",
    "//": "captions do not divide; write the number itself, or have the run say it",
    "%": "captions do not divide; write the number itself, or have the run say it",
    ":": "a caption takes one item of a list, not a part of it; write an index such as [0] or [-1]",
    "=": "a caption sets nothing; to compare, write ==",
    "{": "a hole holds no braces; write {{ name }}",
    "}": "a hole ends with two braces; write {{ name }}",
}
_UNKNOWN_STATEMENTS = {
    "for": "captions have no loops; write all of a list as {{ nodes | listed }}",
    "set": "captions keep no values of their own; write the value where it is needed",
    "include": "captions include no templates; write the words themselves",
    "import": "captions include no templates; write the words themselves",
    "from": "captions include no templates; write the words themselves",
    "extends": "captions include no templates; write the words themselves",
    "macro": "captions define nothing; write the words themselves",
    "call": "captions define nothing; write the words themselves",
    "raw": 'captions have no raw parts; to show two braces, write {{ "{{" }}',
}


@lru_cache(maxsize=4096)
def parse_caption(text: str) -> Caption:
    """A caption's tree. Raises :class:`CaptionError`, and nothing else, for any text."""
    if len(text) > LONGEST_CAPTION:
        words = f"it has {len(text)} characters; write at most {LONGEST_CAPTION:,}"
        raise CaptionError(words, (LONGEST_CAPTION, len(text)))
    if "{" not in text:
        return Caption(text=text, parts=(Words(text=text),))
    used = _WordsUsed()
    parts = _SentenceParser(split_marks(text), used).read_all()
    return Caption(text=text, parts=parts, names=tuple(used.names), filters=tuple(used.filters))


def read_condition(text: str) -> Caption:
    """A condition as a caption with one hole. Raises :class:`CaptionError`, and nothing else, for any text."""
    caption = parse_caption(f"{{{{ {text} }}}}")
    if len(caption.parts) != 1 or not isinstance(caption.parts[0], Hole):
        raise CaptionError('a condition has no braces; write such as committed("x=7")', (0, len(text)))
    return caption


@dataclass(frozen=True, slots=True)
class _WordsUsed:
    """The names and filters met so far."""

    names: list[Name] = field(default_factory=list)
    filters: list[Filter] = field(default_factory=list)


class _SentenceParser:
    """Reads words and marks into parts."""

    def __init__(self, pieces: list[str | Mark], words: _WordsUsed) -> None:
        self.pieces = pieces
        self.words = words
        self.position = 0

    def read_all(self) -> tuple[Part, ...]:
        parts, closing = self._read_parts(0)
        if closing:
            word, mark = closing
            raise CaptionError(f"there is no {{% if %}} that this {word} could belong to; remove it", mark.span)
        return parts

    def _read_parts(self, depth: int) -> tuple[tuple[Part, ...], tuple[str, Mark] | None]:
        """Parts up to the end, or to a mark that ends them: ``elif``, ``else`` or ``endif``."""
        parts: list[Part] = []
        while self.position < len(self.pieces):
            piece = self.pieces[self.position]
            self.position += 1
            if isinstance(piece, str):
                if piece:
                    parts.append(Words(text=piece))
            elif piece.kind == "{{":
                parts.append(
                    Hole(expression=_ExpressionParser(piece, piece.tokens, self.words).read(), span=piece.span)
                )
            else:
                word = _statement_word(piece)
                if word != "if":
                    return tuple(parts), (word, piece)
                parts.append(self._read_branches(piece, depth + 1))
        return tuple(parts), None

    def _read_branches(self, opening: Mark, depth: int) -> Branches:
        if depth > DEEPEST_NESTING:
            raise CaptionError("it is nested too deeply; write it in simpler sentences", opening.span)
        cases: list[tuple[Expression, tuple[Part, ...]]] = []
        mark, word = opening, "if"
        while word in ("if", "elif"):
            condition = _ExpressionParser(mark, mark.tokens[1:], self.words).read()
            parts, closing = self._read_parts(depth)
            if closing is None:
                raise CaptionError("this {% if %} is never closed; add {% endif %}", opening.span)
            cases.append((condition, parts))
            word, mark = closing
        otherwise: tuple[Part, ...] = ()
        if word == "else":
            otherwise, closing = self._read_parts(depth)
            if closing is None:
                raise CaptionError("this {% if %} is never closed; add {% endif %}", opening.span)
            if closing[0] != "endif":
                raise CaptionError(f"after {{% else %}} there is no {closing[0]}; write {{% endif %}}", closing[1].span)
        return Branches(cases=tuple(cases), otherwise=otherwise)


def _statement_word(mark: Mark) -> str:
    """The word that a ``{% … %}`` begins with, if captions know it."""
    if not mark.tokens:
        raise CaptionError("there is nothing between {% and %}; write {% if … %} … {% endif %}", mark.span)
    word = mark.tokens[0].text
    if word in ("else", "endif") and len(mark.tokens) > 1:
        raise CaptionError(f"{word} takes no words after it; write {{% {word} %}}", mark.tokens[1].span)
    if word in ("if", "elif", "else", "endif"):
        return word
    words = _UNKNOWN_STATEMENTS.get(word.removeprefix("end"))
    raise CaptionError(words or f'captions know no "{word}"; write {{% if … %}} … {{% endif %}}', mark.span)


@dataclass(slots=True)
class _ExpressionParser:
    """Reads the tokens of one mark into an expression."""

    mark: Mark
    tokens: tuple[Token, ...]
    words: _WordsUsed
    position: int = 0
    depths: dict[int, int] = field(default_factory=dict)
    """How deep each expression read so far is, by its identity."""

    def read(self) -> Expression:
        """The whole mark as one expression."""
        expression = self._read_choice(0)
        if token := self._peek():
            raise self._unexpected(token)
        return expression

    def _peek(self, *texts: str) -> Token | None:
        """The next token, if there is one and it is one of these."""
        token = self.tokens[self.position] if self.position < len(self.tokens) else None
        return token if token and (not texts or (token.text in texts and token.kind != "string")) else None

    def _take(self, *texts: str) -> Token | None:
        token = self._peek(*texts)
        self.position += token is not None
        return token

    def _expect(self, text: str, after: str) -> Token:
        if token := self._take(text):
            return token
        if token := self._peek():
            raise self._unexpected(token)
        raise CaptionError(f'"{text}" is missing after {after}; add it', self.mark.span)

    def _unexpected(self, token: Token) -> CaptionError:
        if token.kind == "sign" and token.text in _UNKNOWN_SIGNS:
            return CaptionError(_UNKNOWN_SIGNS[token.text], token.span)
        if token.kind == "close":
            end = CLOSING[self.mark.kind]
            return CaptionError(f"what begins with {self.mark.kind} ends with {end}; write {end}", token.span)
        words = f"{token.text[:40]} does not belong here; write one value in a hole, such as {{{{ leader.term }}}}"
        return CaptionError(words, token.span)

    def _join(self, expression: Expression, *inner: Expression) -> Expression:
        """The expression, if what it is made of is not nested too deeply."""
        depth = 1 + max((self.depths.get(id(part), 0) for part in inner), default=0)
        if depth > DEEPEST_NESTING:
            raise CaptionError("it is nested too deeply; write it in simpler sentences", expression.span)
        self.depths[id(expression)] = depth
        return expression

    def _read_choice(self, level: int) -> Expression:
        """``a if c else b``, or what is there without it. ``level`` counts brackets."""
        if level > DEEPEST_NESTING:
            raise CaptionError("it is nested too deeply; write it in simpler sentences", self.mark.span)
        then = self._read_or(level)
        if self._take("if"):
            condition = self._read_or(level)
            self._expect("else", "the condition")
            otherwise = self._read_choice(level + 1)
            span = (then.span[0], otherwise.span[1])
            choice = Choice(condition=condition, then=then, otherwise=otherwise, span=span)
            then = self._join(choice, then, condition, otherwise)
        return then

    def _read_or(self, level: int) -> Expression:
        left = self._read_and(level)
        while self._take("or"):
            left = self._make_logic("or", left, self._read_and(level))
        return left

    def _read_and(self, level: int) -> Expression:
        left = self._read_not(level)
        while self._take("and"):
            left = self._make_logic("and", left, self._read_not(level))
        return left

    def _make_logic(self, operator: str, left: Expression, right: Expression) -> Expression:
        span = (left.span[0], right.span[1])
        return self._join(Logic(operator=operator, left=left, right=right, span=span), left, right)

    def _read_not(self, level: int) -> Expression:
        if not (token := self._take("not")):
            return self._read_comparison(level)
        if level > DEEPEST_NESTING:
            raise CaptionError("it is nested too deeply; write it in simpler sentences", self.mark.span)
        operand = self._read_not(level + 1)
        return self._join(Not(operand=operand, span=(token.span[0], operand.span[1])), operand)

    def _read_comparison(self, level: int) -> Expression:
        first = self._read_sum(level)
        rest: list[tuple[str, Expression]] = []
        while operator := self._take_comparison():
            rest.append((operator, self._read_sum(level)))
        if not rest:
            return first
        span = (first.span[0], rest[-1][1].span[1])
        return self._join(Comparison(first=first, rest=tuple(rest), span=span), first, *(value for _, value in rest))

    def _take_comparison(self) -> str:
        if token := self._take("in", *COMPARISONS):
            return token.text
        if self._peek("not"):
            following = self.tokens[self.position + 1 : self.position + 2]
            if following and following[0].text == "in":
                self.position += 2
                return "not in"
        return ""

    def _read_sum(self, level: int) -> Expression:
        left = self._read_joined(level)
        while token := self._take("+", "-"):
            right = self._read_joined(level)
            span = (left.span[0], right.span[1])
            left = self._join(Sum(operator=token.text, left=left, right=right, span=span), left, right)
        return left

    def _read_joined(self, level: int) -> Expression:
        parts = [self._read_unary(level)]
        while self._take("~"):
            parts.append(self._read_unary(level))
        if len(parts) == 1:
            return parts[0]
        return self._join(Joined(parts=tuple(parts), span=(parts[0].span[0], parts[-1].span[1])), *parts)

    def _read_unary(self, level: int) -> Expression:
        if minus := self._take("-"):
            if level > DEEPEST_NESTING:
                raise CaptionError("it is nested too deeply; write it in simpler sentences", self.mark.span)
            operand = self._read_unary(level + 1)
            return self._join(Negative(operand=operand, span=(minus.span[0], operand.span[1])), operand)
        return self._read_parts_of(self._read_primary(level), level)

    def _read_parts_of(self, expression: Expression, level: int) -> Expression:
        """What follows a value: attributes, indexes, calls, filters and questions."""
        while token := self._take(".", "[", "(", "|", "is"):
            start = expression.span[0]
            if token.text == ".":
                name = self._expect_word("a dot")
                made: Expression = Attribute(subject=expression, name=name.text, span=(start, name.span[1]))
                expression = self._join(made, expression)
            elif token.text == "[":
                index = self._read_choice(level + 1)
                end = self._expect("]", "an index").span[1]
                expression = self._join(Index(subject=expression, index=index, span=(start, end)), expression, index)
            elif token.text == "(":
                arguments, named, end = self._read_arguments(level)
                made = Call(function=expression, arguments=arguments, named_arguments=named, span=(start, end))
                expression = self._join(made, expression, *arguments, *(value for _, value in named))
            elif token.text == "|":
                expression = self._read_filter(expression, level)
            else:
                expression = self._read_question(expression)
        return expression

    def _expect_word(self, after: str) -> Token:
        token = self._take()
        if token is None:
            raise CaptionError(f"a name is missing after {after}; add it", self.mark.span)
        if token.kind == "number" and after == "a dot":
            raise CaptionError(f"an item of a list is written in brackets; write [{token.text[:12]}]", token.span)
        if token.kind != "word":
            raise CaptionError(f"a name must follow {after}, not {token.text[:40]}; write one", token.span)
        return token

    def _read_filter(self, subject: Expression, level: int) -> Expression:
        name = self._expect_word("the sign |")
        arguments: tuple[Expression, ...] = ()
        named: tuple[tuple[str, Expression], ...] = ()
        end = name.span[1]
        if self._take("("):
            arguments, named, end = self._read_arguments(level)
        span = (subject.span[0], end)
        made = Filter(subject=subject, name=name.text, arguments=arguments, named_arguments=named, span=span)
        self.words.filters.append(made)
        return self._join(made, subject, *arguments, *(value for _, value in named))

    def _read_question(self, subject: Expression) -> Expression:
        is_negated = self._take("not") is not None
        name = self._expect_word('"is"')
        word = name.text.lower() if name.text == "None" else name.text
        if word not in QUESTIONS:
            words = f'captions cannot ask whether something is "{name.text[:40]}"; write is defined, is none or =='
            raise CaptionError(words, name.span)
        span = (subject.span[0], name.span[1])
        return self._join(Question(subject=subject, name=word, is_negated=is_negated, span=span), subject)

    def _read_arguments(self, level: int) -> tuple[tuple[Expression, ...], tuple[tuple[str, Expression], ...], int]:
        """What is in the brackets of a call, and where they end."""
        arguments: list[Expression] = []
        named: list[tuple[str, Expression]] = []
        while not (closing := self._take(")")):
            if arguments or named:
                self._expect(",", "an argument")
            following = self.tokens[self.position + 1 : self.position + 2]
            if (name := self._peek()) and name.kind == "word" and following and following[0].text == "=":
                self.position += 2
                named.append((name.text, self._read_choice(level + 1)))
            else:
                arguments.append(self._read_choice(level + 1))
        return tuple(arguments), tuple(named), closing.span[1]

    def _read_primary(self, level: int) -> Expression:
        token = self._take()
        if token is None:
            words = "a value is missing at the end" if self.tokens else "the hole is empty"
            raise CaptionError(f"{words}; write a hole as {{{{ name }}}}", self.mark.span)
        if token.kind == "number":
            return Literal(value=_read_number(token), span=token.span)
        if token.kind == "string":
            return Literal(value=read_string(token), span=token.span)
        if token.kind == "word":
            if token.text in CONSTANTS:
                return Literal(value=CONSTANTS[token.text], span=token.span)
            if token.text in KEYWORDS:
                raise CaptionError(f'a value is missing before "{token.text}"; write one', token.span)
            name = Name(name=token.text, span=token.span)
            self.words.names.append(name)
            return name
        if token.text == "(":
            inner = self._read_choice(level + 1)
            self._expect(")", "what is in brackets")
            return inner
        if token.text == "[":
            return self._read_list(token.span, level)
        raise self._unexpected(token)

    def _read_list(self, opening: Span, level: int) -> Expression:
        items: list[Expression] = []
        while not (closing := self._take("]")):
            if items:
                self._expect(",", "an item of a list")
            items.append(self._read_choice(level + 1))
        return self._join(ListOf(items=tuple(items), span=(opening[0], closing.span[1])), *items)


def _read_number(token: Token) -> int:
    if not (token.text.isascii() and token.text.isdigit()):
        raise CaptionError(f"{token.text[:40]} is no whole number; write digits alone, such as 3", token.span)
    if len(token.text) > LONGEST_NUMBER:
        raise CaptionError(f"the number is out of range; write at most {LONGEST_NUMBER} digits", token.span)
    return int(token.text)
