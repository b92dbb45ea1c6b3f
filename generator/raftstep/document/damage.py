"""What is wrong with a file that a program wrote, in words a reader can use: never those of a Python exception."""

from __future__ import annotations

from json import JSONDecodeError

from raftstep.document.reading import UnreadableError


def describe_damage(error: Exception) -> str:
    """Why a file could not be read back, from whatever its reading raised.

    A :class:`ValueError` comes from the reader's own checks, so its words are kept.

    >>> describe_damage(KeyError("digest"))
    'it lacks "digest"'
    """
    match error:
        case UnreadableError():
            return error.words
        case JSONDecodeError():
            return f"line {error.lineno}, column {error.colno} is not JSON"
        case UnicodeError():
            return "it is not UTF-8"
        case KeyError():
            return f'it lacks "{str(error.args[0])[:40]}"' if error.args else "a value is missing"
        case RecursionError():
            return "its values are nested too deeply"
        case ValueError() if str(error):
            return str(error)[:200]
    return "a value in it is of the wrong kind"
