"""The log alone (§5.3, §5.4.1): each quick function agrees with a slow, obvious one."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

import raftstep.core
from raftstep.core.log import (
    Log,
    MergeResult,
    agrees_at,
    is_at_least_as_up_to_date,
    last_index,
    last_term,
    merge_entries,
    term_at,
)
from tests.builders import entries, follower, terms

# A log's terms never go down (§5.3), so a log is drawn as the steps between them.
term_lists = st.lists(st.integers(min_value=0, max_value=2), max_size=7).map(
    lambda rises: list(accumulate(rises, initial=1))[1:]
)
logs = term_lists.map(lambda drawn: entries(*drawn))


def test_an_empty_log_ends_before_the_first_entry() -> None:
    """Figure 2 (State): the first index is 1; index and term 0 mean *before the first*."""
    assert (last_index(follower()), last_term(follower()), term_at(follower(), 0)) == (0, 0, 0)


def test_beyond_the_last_entry_the_term_is_0() -> None:
    """Only a leader that takes an old acknowledgement for a new one asks: it believes in more than it holds."""
    assert term_at(follower(log=entries(1, 2)), 3) == 0


@given(logs)
def test_reading_a_log_counts_from_one(log: Log) -> None:
    """Figure 2 (State): the slow twin numbers the entries and looks each up."""
    node = follower(log=log)
    numbered = {0: 0} | {index: entry.term for index, entry in enumerate(log, 1)}

    assert {index: term_at(node, index) for index in numbered} == numbered
    assert last_index(node) == max(numbered)
    assert last_term(node) == numbered[max(numbered)]


@given(logs, st.integers(min_value=0, max_value=9), st.integers(min_value=0, max_value=9))
def test_up_to_date_is_later_last_term_then_longer_log(log: Log, index: int, term: int) -> None:
    """§5.4.1, written out case by case."""
    if log and term != log[-1].term:
        twin = term > log[-1].term
    elif log:
        twin = index >= len(log)
    else:
        twin = True

    assert is_at_least_as_up_to_date(follower(log=log), last_log_index=index, last_log_term=term) == twin


@given(logs, logs)
def test_of_two_logs_at_least_one_is_up_to_date_with_the_other(one: Log, other: Log) -> None:
    """§5.4.1: the comparison is a total order, so some node can always be elected."""

    def may_lead(candidate: Log, voter: Log) -> bool:
        asks, votes = follower(log=candidate), follower(log=voter)
        return is_at_least_as_up_to_date(votes, last_log_index=last_index(asks), last_log_term=last_term(asks))

    assert may_lead(one, other) or may_lead(other, one)
    assert may_lead(one, one)


@given(logs, st.integers(min_value=1, max_value=9), st.integers(min_value=1, max_value=9))
def test_agreeing_is_having_that_entry(log: Log, index: int, term: int) -> None:
    """§5.3: index and term together name an entry; the slow twin searches for it."""
    held = [(number, entry.term) for number, entry in enumerate(log, 1)]

    assert agrees_at(follower(log=log), index=index, term=term) == ((index, term) in held)


@given(logs)
def test_every_log_agrees_before_the_first_entry(log: Log) -> None:
    """§5.3: there is nothing there to differ in."""
    assert agrees_at(follower(log=log), index=0, term=0)


@pytest.mark.parametrize(
    ("log", "previous_index", "new", "after", "truncated"),
    [
        pytest.param([1, 2], 2, [3], [1, 2, 3], False, id="B4-behind-the-end"),
        pytest.param([1, 2], 1, [3, 4], [1, 3, 4], True, id="B4-conflict"),
        pytest.param([1, 2], 0, [1], [1, 2], False, id="B4-already-there-and-more-behind"),
        pytest.param([1, 2], 0, [3], [3], True, id="B4-conflict-at-the-first"),
        pytest.param([1, 2], 1, [], [1, 2], False, id="B4-none"),
        pytest.param([1, 2], 1, [2, 4], [1, 2, 4], False, id="B4-one-there-one-new"),
        pytest.param([1, 1, 1, 2, 2, 2], 3, [4, 4], [1, 1, 1, 4, 4], True, id="B12-shorter-after-a-conflict"),
        pytest.param([2, 2], 0, [2], [2, 2], False, id="B5-late"),
    ],
)
def test_only_a_conflict_shortens_a_log(
    log: list[int], previous_index: int, new: list[int], after: list[int], truncated: bool
) -> None:
    """B4. §5.3, Figure 2 (AppendEntries, steps 3 and 4): what is there already stays, and so does all behind it."""
    merged = merge_entries(entries(*log), previous_index=previous_index, entries=entries(*new, after=previous_index))

    assert merged == MergeResult(entries(*after), is_truncated=truncated)


def merge_one_by_one(log: Log, previous_index: int, new: Log) -> MergeResult:
    """Figure 2, steps 3 and 4, done as they are written: delete at each conflict, then append what is missing."""
    after = list(log)
    truncated = False
    for index, entry in enumerate(new, previous_index + 1):
        if index <= len(after) and after[index - 1].term != entry.term:
            del after[index - 1 :]
            truncated = True
        if index > len(after):
            after.append(entry)
    return MergeResult(tuple(after), truncated)


@given(logs, logs, st.data())
def test_merging_is_deleting_and_appending_one_by_one(log: Log, sent: Log, data: st.DataObject) -> None:
    """Figure 2 (AppendEntries, steps 3 and 4): against the slow twin, from any index that the log reaches."""
    previous_index = data.draw(st.integers(min_value=0, max_value=min(len(log), len(sent))))
    new = sent[previous_index:]

    assert merge_entries(log, previous_index=previous_index, entries=new) == merge_one_by_one(log, previous_index, new)


@given(logs, logs)
def test_merging_twice_is_merging_once(log: Log, sent: Log) -> None:
    """§5.5: a repeated message is harmless."""
    once = merge_entries(log, previous_index=0, entries=sent)

    assert once.log[: len(sent)] == sent
    assert merge_entries(once.log, previous_index=0, entries=sent) == MergeResult(once.log, is_truncated=False)


@given(logs, st.data())
def test_a_late_message_never_shortens_a_log_that_holds_it(log: Log, data: st.DataObject) -> None:
    """§5.3: any part of the log, sent again, changes nothing."""
    start = data.draw(st.integers(min_value=0, max_value=len(log)))
    end = data.draw(st.integers(min_value=start, max_value=len(log)))

    assert merge_entries(log, previous_index=start, entries=log[start:end]) == MergeResult(log, is_truncated=False)


def test_the_builders_name_an_entry_by_index_and_term() -> None:
    """§5.3 (Log Matching): or the tests above would compare what cannot happen."""
    assert entries(1, 1, 2)[1:] == entries(1, 2, after=1)
    assert len({*entries(1, 1, 2), *entries(2, 2, 2)}) == 5
    assert terms(entries(1, 1, 2)) == [1, 1, 2]


MODULES = [f"raftstep.core.{module.name}" for module in pkgutil.iter_modules(raftstep.core.__path__)]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_in_the_core_are_true(name: str) -> None:
    """Each docstring example gives what it says."""
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_the_core_has_examples() -> None:
    """The check above cannot pass for want of anything to check."""
    finder = doctest.DocTestFinder(exclude_empty=True)
    found = [test for name in MODULES for test in finder.find(importlib.import_module(name)) if test.examples]

    assert {test.name.rsplit(".", 1)[-1] for test in found} >= {
        "merge_entries",
        "committed_index",
        "majority",
    }
