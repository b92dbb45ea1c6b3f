"""What a server keeps from one build to the next: the same as if it had made it anew."""

from __future__ import annotations

from raftstep.site.memory import Memory


def make_list() -> list[int]:
    return []


def test_a_thing_is_made_once_for_the_same_ingredients() -> None:
    """A save of one page must not have the server draw all others again."""
    memory = Memory()
    run = object()

    first = memory.reuse("page", ("text", run), make_list)

    assert memory.reuse("page", ("te" + "xt", run), make_list) is first


def test_a_thing_is_made_anew_where_any_ingredient_is_another() -> None:
    """A page that showed yesterday's run would be worse than a slow one."""
    memory = Memory()
    run = object()
    first = memory.reuse("page", ("text", run), make_list)

    for basis in (("other", run), ("text", object()), ("text",), ("text", run, "more")):
        assert memory.reuse("page", basis, make_list) is not first


def test_values_other_than_text_are_the_same_only_where_they_are_one() -> None:
    """To compare two runs step by step would take longer than to draw them."""
    memory = Memory()
    first = memory.reuse("page", (["a"],), make_list)

    assert memory.reuse("page", (["a"],), make_list) is not first


def test_what_the_last_build_had_no_use_for_is_forgotten() -> None:
    """A server that runs all day must not hold every version of every page."""
    memory = Memory()
    old, used = memory.reuse("old", (), make_list), memory.reuse("used", (), make_list)
    memory.forget_unused()
    assert memory.reuse("used", (), make_list) is used

    memory.forget_unused()

    assert memory.reuse("used", (), make_list) is used
    assert memory.reuse("old", (), make_list) is not old


def test_what_fails_is_not_kept() -> None:
    """What failed once may succeed the next time, when the author has saved again."""
    memory = Memory()

    def fail() -> list[int]:
        raise OSError

    try:
        memory.reuse("page", (), fail)
    except OSError:
        made = memory.reuse("page", (), make_list)

    assert memory.reuse("page", (), make_list) is made


def test_what_is_to_be_forgotten_is_made_anew() -> None:
    """A page with a mistake is made again in every build, so that the mistake is told again."""
    memory = Memory()
    first = memory.reuse("page", (), make_list)

    memory.forget("page")

    assert memory.reuse("page", (), make_list) is not first
