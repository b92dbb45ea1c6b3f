"""What is fuzzed: for each kind of input, how to make one from chance, and what must hold whatever it is.

An input is bytes, so that each can be kept as a file. A target's ``check`` raises where a promise is not kept; what a
door documents as its answer to a bad input (problems, a box on the page, an exit code) is no failure.
"""

from __future__ import annotations

import io
import json
import os
import shutil
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

import yaml
from markdown import Markdown

from raftstep.cli import main
from raftstep.cli.exit_codes import ExitCode
from raftstep.codex.book import read_book
from raftstep.document.problem import Problems
from raftstep.picture.figures import make_figures
from raftstep.picture.standalone import draw_standalone
from raftstep.scenario.library import read_scenario_text
from raftstep.scenario.load import load_and_play
from raftstep.scenario.model import PlayedScenario
from raftstep.scenario.proofs.shortest_runs import find_shortest_run
from raftstep.scenario.proofs.stored_results import StoredResults
from raftstep.scenario.proofs.variants import VARIANTS_BY_SLUG
from raftstep.scenario.shipped import play_shipped
from raftstep.simulation.describe import transcript
from raftstep.site.extension import RaftExtension
from tests.fuzz.commands import make_command, write_files
from tests.fuzz.mutating import Mutator
from tests.fuzz.sentences import make_sentence
from tests.scenario.loading import GOOD_TEXT
from tests.scenario.parents import PARENT_TEXTS
from tests.scenario.schedules import ELECTION, EVERY_EVENT, SLOW_CLOCK, TWO_LEADERS
from tests.site.fences import INLINE, TestHost, raft_fence

SHIPPED = (
    *("ask-a-follower", "request-lost", "retried-twice", "deaf-follower", "two-candidates-paxos", "lease-bounded"),
    *("figure-7", "figure-8"),
)
GOOD_CODEX = Path(__file__).parents[1] / "codex" / "good"
CODEX_RUNS = ("leader-election", "split-vote")


@dataclass(frozen=True, slots=True)
class Target:
    """One kind of input: how one is made, and what must hold of it. ``check`` gets an empty folder to work in."""

    make: Callable[[Random], bytes]
    check: Callable[[bytes, Path], None]


# Scenarios, schedules, captions


@cache
def shipped_text(name: str) -> str:
    return read_scenario_text(name) or ""


def make_scenario(random: Random) -> bytes:
    text = random.choice([GOOD_TEXT, PARENT_TEXTS["forked"], INLINE, *map(shipped_text, SHIPPED)])
    return make_mutant(random, text)


def make_schedule(random: Random) -> bytes:
    return make_mutant(random, random.choice([ELECTION, TWO_LEADERS, SLOW_CLOCK, EVERY_EVENT]))


def make_mutant(random: Random, text: str) -> bytes:
    mutator = Mutator(random)
    mutant = mutator.mutate_yaml(text).encode("utf-8", "surrogatepass")
    return mutant if random.randrange(10) else mutator.damage_bytes(mutant)


def make_captions(random: Random) -> bytes:
    data = yaml.safe_load(INLINE)
    for step in data["steps"]:
        step["say"] = make_sentence(random)
        step["title"] = make_sentence(random) if random.randrange(3) else step["title"]
    return yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=1000).encode()


def check_scenario(text: bytes, _: Path) -> None:
    """It is played, drawn and written out, or every mistake of it can be shown."""
    played = load_and_play("any.yaml", text)
    if isinstance(played, Problems):
        assert played.show()
        return
    assert transcript(played.trace)
    figures = make_figures(played, prefix="raft")
    for step in {1, len(played.moments)}:
        assert draw_standalone(figures, step=step, view="log").startswith("<svg")


# Pages


def make_page(random: Random) -> bytes:
    mutator = Mutator(random)
    keys = ("src", "id", "heading", "only", "beside", "card", "x")
    values = ("leader-election", "no-op", "split-vote", "1", "6", "0", "step-1", "../x", "/dev/null", "a b")
    fences = []
    for _ in range(1 + random.randrange(3)):
        chosen = [(random.choice(keys), random.choice([*values, mutator.pick_value_text()[:99]])) for _ in range(2)]
        options = " ".join(f'{key}="{value}"' for key, value in chosen[random.randrange(3) :])
        body = "" if random.randrange(2) else make_mutant(random, INLINE).decode("utf-8", "replace")
        fence = raft_fence(options.replace("\n", " "), body, indent=random.choice(["", "", "    ", "> ", "- "]))
        exhibit = f"```raft-exhibit {random.choice(values)}\n```\n"
        fences.append(random.choice([fence, fence, fence, exhibit, "#### Deep\n\n" + fence, "<div>\n" + fence]))
    page = "# A page\n\n" + "\n\n".join(fences) + "\nWords.\n"
    return (page if random.randrange(2) else mutator.damage_text(page)).encode("utf-8", "surrogatepass")


def check_page(text: bytes, folder: Path) -> None:
    """It becomes a page, whose mistakes are reported, or stand on it in boxes."""
    host = TestHost(1, folder, {}, {}, {})
    markdown = Markdown(extensions=["toc", "tables", "admonition", "fenced_code", RaftExtension(host=host)])
    html = markdown.convert(text.decode("utf-8", "replace"))
    assert isinstance(html, str)
    assert all(report.strip() for report in host.reports)


# The Codex


def make_codex(random: Random) -> bytes:
    """The name of a file in the folder, and on the lines below it what is written there."""
    name = random.choice(sorted(path.name for path in GOOD_CODEX.iterdir()))
    return name.encode() + b"\n" + make_mutant(random, (GOOD_CODEX / name).read_text(encoding="utf-8"))


@cache
def codex_runs() -> dict[str, PlayedScenario]:
    return {name: played for name in CODEX_RUNS if isinstance(played := play_shipped(name), PlayedScenario)}


def check_codex(content: bytes, folder: Path) -> None:
    """The rest of the data is read, and every mistake can be shown."""
    data = folder / "docs" / "data" / "codex"
    shutil.copytree(GOOD_CODEX, data)
    name, _, text = content.partition(b"\n")
    (data / name.decode()).write_bytes(text)
    book = read_book(data, codex_runs())
    assert all(problems.show() for problems in book.problems)


# Results of searches, kept for the next build

CACHED_SEARCH = "election-majority"


def make_cache_damage(random: Random) -> bytes:
    """The number from which the damage is drawn: what a cache looks like is its own affair."""
    return b"%d\n" % random.randrange(2**32)


def check_cache(content: bytes, folder: Path) -> None:
    """Whatever became of a cache, the answer is what it would be without one."""
    variant = VARIANTS_BY_SLUG[CACHED_SEARCH]
    fresh = find_shortest_run(variant, StoredResults(folder))
    random = Random(int(content))
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        path.write_bytes(Mutator(random).damage_bytes(path.read_bytes()))
    assert find_shortest_run(variant, StoredResults(folder)) == fresh


# Command lines


def make_command_line(random: Random) -> bytes:
    return json.dumps(make_command(random)).encode() + b"\n"


def check_command_line(content: bytes, folder: Path) -> None:
    """A documented code, never a traceback, and never a failure in silence."""
    write_files(folder)
    output, errors = io.StringIO(), io.StringIO()
    before = Path.cwd()
    os.chdir(folder)
    try:
        with redirect_stdout(output), redirect_stderr(errors):
            exit_code: object = main(json.loads(content))
    except SystemExit as usage:
        exit_code = usage.code
        assert exit_code in (ExitCode.FINE, ExitCode.USAGE), exit_code
    finally:
        os.chdir(before)
    assert exit_code in set(ExitCode)
    assert "Traceback" not in errors.getvalue() + output.getvalue()
    assert exit_code not in (ExitCode.PROBLEM, ExitCode.USAGE) or errors.getvalue().strip()
    assert exit_code not in (ExitCode.BROKEN, ExitCode.STOPPED) or output.getvalue().strip()


TARGETS = {
    "scenario": Target(make_scenario, check_scenario),
    "schedule": Target(make_schedule, check_scenario),
    "caption": Target(make_captions, check_scenario),
    "page": Target(make_page, check_page),
    "codex": Target(make_codex, check_codex),
    "cache": Target(make_cache_damage, check_cache),
    "command": Target(make_command_line, check_command_line),
}
