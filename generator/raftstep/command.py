"""``raftstep`` at the terminal: play, check and draw scenarios; make random faults."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from io import TextIOWrapper
from pathlib import Path

from raftstep import command_explore
from raftstep.picture.figures import figures
from raftstep.picture.standalone import standalone
from raftstep.scenario.facts import listed
from raftstep.scenario.library import names, text
from raftstep.scenario.load import load, load_and_play
from raftstep.scenario.model import Place, Scenario
from raftstep.scenario.played import Played
from raftstep.scenario.problem import Problem, Problems, nearest, problems
from raftstep.scenario.shipped import shipped
from raftstep.simulation.describe import transcript
from raftstep.simulation.features import Feature, settled
from raftstep.simulation.plan import Setup
from raftstep.simulation.protocol import RAFT
from raftstep.simulation.protocols import PROTOCOLS
from raftstep.simulation.run import PlanError, run
from raftstep.simulation.schedule import Schedule

VIEWS = ("cluster", "log", "timeline")


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line. Returns 0, or 1 where a scenario has a problem or a property broke."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    options = _parser().parse_args(arguments)
    return int(options.run(options))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="raftstep", description="Play, check and draw runs of Raft.")
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    playing = verbs.add_parser("play", help="print a scenario's transcript")
    playing.add_argument("scenario", help="a file, or the name of a shipped scenario")
    playing.add_argument("--seed", type=int, help="draw from another seed (captions and expectations are left out)")
    playing.add_argument("--until", type=int, metavar="MS", help="run to another moment (likewise)")
    playing.set_defaults(run=_play)
    checking = verbs.add_parser("check", help="load, run and check scenarios")
    checking.add_argument("scenarios", nargs="*", help="files or names; all shipped scenarios when none is given")
    checking.set_defaults(run=_check)
    looking = verbs.add_parser("codex", help="check the data of the Codex: terms, systems, incidents, sources")
    looking.add_argument("folder", nargs="?", type=Path, default=Path("docs/data/codex"))
    looking.set_defaults(run=_codex)
    rendering = verbs.add_parser("render", help="draw one step as SVG")
    rendering.add_argument("scenario", help="a file, or the name of a shipped scenario")
    rendering.add_argument("--step", type=int, default=1, metavar="N")
    rendering.add_argument("--view", choices=VIEWS, default="cluster")
    rendering.add_argument("-o", "--output", type=Path, help="where to write it; the terminal when left out")
    rendering.set_defaults(run=_render)
    random = verbs.add_parser("chaos", help="run a cluster under random faults and check every state")
    random.add_argument("--nodes", type=int, default=5)
    random.add_argument("--seed", type=int, default=1)
    random.add_argument("--until", type=int, default=3000, metavar="MS")
    random.add_argument("--faults", type=int, default=20)
    random.add_argument("--loss", type=float, default=0.1)
    random.add_argument("--slowest", type=int, default=40, metavar="MS", help="the longest a message takes")
    random.add_argument("--spread", type=int, default=150, metavar="MS", help="how far election timeouts differ")
    random.add_argument(
        "--with",
        dest="features",
        action="append",
        default=[],
        choices=list(Feature),
        metavar="FEATURE",
        help=f"switch a part beyond Figure 2 on, as often as wanted: {', '.join(Feature)}",
    )
    random.add_argument("--protocol", choices=tuple(PROTOCOLS), default=RAFT.name)
    random.set_defaults(run=_chaos)
    command_explore.add_verbs(verbs, _loaded)
    return parser


def _loaded(name: str) -> Scenario | None:
    """A scenario to take nodes and settings from; says why not, where it cannot be had."""
    source = _source(name)
    loaded = source if isinstance(source, Problems) else load(*source)
    if isinstance(loaded, Problems):
        _complain(loaded)
        return None
    return loaded


def _source(name: str) -> tuple[str, str | bytes] | Problems:
    """A scenario's path and text: a shipped one by name, or a file."""
    shipped = text(name)
    if shipped is not None:
        return f"{name}.yaml", shipped
    try:
        with Path(name).open("rb") as file:
            return name, file.read(300_000)
    except OSError as error:
        why = (error.strerror or "cannot be read").lower()
        words = f"{why}; give a file that is there, or {nearest(name, names(), 'shipped')}"
        return problems(name, "", [Problem(path=name, place=Place(line=1, column=1), words=words)])


def _played(name: str) -> Played | Problems:
    source = _source(name)
    return source if isinstance(source, Problems) else load_and_play(*source)


def _complain(found: Problems) -> int:
    print(found.show(), file=sys.stderr)
    return 1


def _play(options: argparse.Namespace) -> int:
    if options.seed is None and options.until is None:
        played = _played(options.scenario)
        if isinstance(played, Problems):
            return _complain(played)
        print(transcript(played.trace), end="")
        return 0
    source = _source(options.scenario)
    loaded = source if isinstance(source, Problems) else load(*source)
    if isinstance(loaded, Problems):
        return _complain(loaded)
    if loaded.script:
        print(f"{loaded.path} is a schedule: nothing is left to chance; leave --seed and --until out", file=sys.stderr)
        return 1
    return _run_freely(loaded.setup, loaded.seed, options)


def _run_freely(setup: Setup, seed: int, options: argparse.Namespace) -> int:
    until_ms = setup.until_ms if options.until is None else options.until
    return _print_run(replace(setup, until_ms=until_ms), seed if options.seed is None else options.seed)


def _print_run(setup: Setup, seed: int) -> int:
    try:
        trace = run(setup, seed=seed)
    except PlanError as error:
        print(f"the plan cannot be carried out in this run: {error.words}", file=sys.stderr)
        return 1
    print(transcript(trace), end="")
    return 1 if trace.alarms else 0


def _check(options: argparse.Namespace) -> int:
    failed = 0
    for name in options.scenarios or names():
        played = _played(name)
        if isinstance(played, Problems):
            failed = _complain(played)
        else:
            breaks = played.scenario.breaks
            told = f"{listed(breaks)} broken, on purpose" if breaks else "none broken"
            print(f"{name}: {len(played.moments)} steps, {played.trace.checked} states checked, {told}")
    return failed


def _codex(options: argparse.Namespace) -> int:
    from raftstep.site.codex.book import read_book  # the other verbs need no schema of the Codex

    if not options.folder.is_dir():
        print(f"{options.folder}: no such folder; name the one that holds sources.yaml and terms/", file=sys.stderr)
        return 1
    everyone = {name: played for name in names() if isinstance(played := shipped(name), Played)}
    book = read_book(options.folder.resolve(), everyone)
    if book.problems:
        print("\n\n".join(found.show() for found in book.problems), file=sys.stderr)
        return 1
    unseen = [term.id for term in book.terms.values() if term.see and not book.seen[term.id]]
    parts = {"term": book.terms, "system": book.systems, "incident": book.incidents, "source": book.sources}
    told = [f"{len(found)} {kind}{'' if len(found) == 1 else 's'}" for kind, found in parts.items()]
    print(f"{', '.join(told)}: nothing wrong")
    if unseen:
        print(f"no scenario shows what is looked for under: {', '.join(unseen)}")
    return 0


def _render(options: argparse.Namespace) -> int:
    played = _played(options.scenario)
    if isinstance(played, Problems):
        return _complain(played)
    if not 1 <= options.step <= len(played.moments):
        print(
            f"there is no step {options.step}; {options.scenario} has steps 1 to {len(played.moments)}", file=sys.stderr
        )
        return 1
    drawing = standalone(figures(played, prefix="raft"), step=options.step, view=options.view)
    if options.output is None:
        print(drawing)
        return 0
    try:
        options.output.write_text(drawing + "\n", encoding="utf-8")
    except OSError as error:
        print(f"{options.output}: {error.strerror}; choose a place that can be written", file=sys.stderr)
        return 1
    return 0


def _chaos(options: argparse.Namespace) -> int:
    counts = options.until >= 1 and options.slowest >= 1 and options.faults >= 0 and options.spread >= 0
    if not counts or not 1 <= options.nodes <= 9 or not 0 <= options.loss < 1:
        bounds = "nodes go from 1 to 9, loss from 0 to below 1, until and slowest from 1, faults and spread from 0"
        print(bounds, file=sys.stderr)
        return 1
    protocol = PROTOCOLS[options.protocol]
    if options.features and protocol is not RAFT:
        print(f"{protocol.title} has no such features; leave them out, or run raft", file=sys.stderr)
        return 1
    schedule = Schedule(
        nodes=options.nodes,
        seed=options.seed,
        until_ms=options.until,
        faults=options.faults,
        loss=options.loss,
        slowest_ms=options.slowest,
        spread_ms=options.spread,
        features=settled(Feature(feature) for feature in options.features),
    )
    return _print_run(replace(schedule.setup(), protocol=protocol), schedule.seed)


if __name__ == "__main__":
    sys.exit(main())
