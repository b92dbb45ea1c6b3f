"""``raftstep`` at the terminal: play, check and draw scenarios; make random faults."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from io import TextIOWrapper
from pathlib import Path

from raftstep import command_explore
from raftstep.document.problem import Place, Problem, Problems, sort_problems, suggest_nearest
from raftstep.picture.figures import make_figures
from raftstep.picture.standalone import draw_standalone
from raftstep.scenario.facts import join_and
from raftstep.scenario.library import list_scenario_ids, read_scenario_text
from raftstep.scenario.load import load, load_and_play
from raftstep.scenario.model import PlayedScenario, Scenario
from raftstep.scenario.shipped import play_shipped
from raftstep.simulation.describe import transcript
from raftstep.simulation.features import Feature, resolve_conflicts
from raftstep.simulation.plan import Setup
from raftstep.simulation.protocol import RAFT
from raftstep.simulation.protocols import PROTOCOLS
from raftstep.simulation.random_run import RandomRun
from raftstep.simulation.run import PlanError, run

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
    play_parser = verbs.add_parser("play", help="print a scenario's transcript")
    play_parser.add_argument("scenario", help="a file, or the name of a shipped scenario")
    play_parser.add_argument("--seed", type=int, help="draw from another seed (captions and expectations are left out)")
    play_parser.add_argument("--until", type=int, metavar="MS", help="run to another moment (likewise)")
    play_parser.set_defaults(run=_play_scenario)
    check_parser = verbs.add_parser("check", help="load, run and check scenarios")
    check_parser.add_argument("scenarios", nargs="*", help="files or names; all shipped scenarios when none is given")
    check_parser.set_defaults(run=_check_scenarios)
    codex_parser = verbs.add_parser("codex", help="check the data of the Codex: terms, systems, incidents, sources")
    codex_parser.add_argument("folder", nargs="?", type=Path, default=Path("docs/data/codex"))
    codex_parser.set_defaults(run=_check_codex)
    render_parser = verbs.add_parser("render", help="draw one step as SVG")
    render_parser.add_argument("scenario", help="a file, or the name of a shipped scenario")
    render_parser.add_argument("--step", type=int, default=1, metavar="N")
    render_parser.add_argument("--view", choices=VIEWS, default="cluster")
    render_parser.add_argument("-o", "--output", type=Path, help="where to write it; the terminal when left out")
    render_parser.set_defaults(run=_render_step)
    chaos_parser = verbs.add_parser("chaos", help="run a cluster under random faults and check every state")
    chaos_parser.add_argument("--nodes", type=int, default=5)
    chaos_parser.add_argument("--seed", type=int, default=1)
    chaos_parser.add_argument("--until", type=int, default=3000, metavar="MS")
    chaos_parser.add_argument("--faults", type=int, default=20)
    chaos_parser.add_argument("--loss", type=float, default=0.1)
    chaos_parser.add_argument("--slowest", type=int, default=40, metavar="MS", help="the longest a message takes")
    chaos_parser.add_argument("--spread", type=int, default=150, metavar="MS", help="how far election timeouts differ")
    chaos_parser.add_argument(
        "--with",
        dest="features",
        action="append",
        default=[],
        choices=list(Feature),
        metavar="FEATURE",
        help=f"switch a part beyond Figure 2 on, as often as wanted: {', '.join(Feature)}",
    )
    chaos_parser.add_argument("--protocol", choices=tuple(PROTOCOLS), default=RAFT.name)
    chaos_parser.set_defaults(run=_run_chaos)
    command_explore.add_verbs(verbs, _load_or_complain)
    return parser


def _load_or_complain(name: str) -> Scenario | None:
    """A scenario to take nodes and settings from; says why not, where it cannot be had."""
    source = _read_source(name)
    scenario = source if isinstance(source, Problems) else load(*source)
    if isinstance(scenario, Problems):
        _print_problems(scenario)
        return None
    return scenario


def _read_source(name: str) -> tuple[str, str | bytes] | Problems:
    """A scenario's path and text: a shipped one by name, or a file."""
    shipped_text = read_scenario_text(name)
    if shipped_text is not None:
        return f"{name}.yaml", shipped_text
    try:
        with Path(name).open("rb") as file:
            return name, file.read(300_000)
    except OSError as error:
        reason = (error.strerror or "cannot be read").lower()
        words = f"{reason}; give a file that is there, or {suggest_nearest(name, list_scenario_ids(), 'shipped')}"
        return sort_problems(name, "", [Problem(path=name, place=Place(line=1, column=1), words=words)])


def _load_and_play(name: str) -> PlayedScenario | Problems:
    source = _read_source(name)
    return source if isinstance(source, Problems) else load_and_play(*source)


def _print_problems(mistakes: Problems) -> int:
    print(mistakes.show(), file=sys.stderr)
    return 1


def _play_scenario(options: argparse.Namespace) -> int:
    if options.seed is None and options.until is None:
        played = _load_and_play(options.scenario)
        if isinstance(played, Problems):
            return _print_problems(played)
        print(transcript(played.trace), end="")
        return 0
    source = _read_source(options.scenario)
    scenario = source if isinstance(source, Problems) else load(*source)
    if isinstance(scenario, Problems):
        return _print_problems(scenario)
    if scenario.schedule:
        print(
            f"{scenario.path} is a schedule: nothing is left to chance; leave --seed and --until out", file=sys.stderr
        )
        return 1
    return _run_with_options(scenario.setup, scenario.seed, options)


def _run_with_options(setup: Setup, seed: int, options: argparse.Namespace) -> int:
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


def _check_scenarios(options: argparse.Namespace) -> int:
    exit_code = 0
    for name in options.scenarios or list_scenario_ids():
        played = _load_and_play(name)
        if isinstance(played, Problems):
            exit_code = _print_problems(played)
        else:
            broken_properties = played.scenario.broken_properties
            outcome = f"{join_and(broken_properties)} broken, on purpose" if broken_properties else "none broken"
            print(f"{name}: {len(played.moments)} steps, {played.trace.states_checked} states checked, {outcome}")
    return exit_code


def _check_codex(options: argparse.Namespace) -> int:
    from raftstep.codex.book import read_book  # the other verbs need no schema of the Codex

    if not options.folder.is_dir():
        print(f"{options.folder}: no such folder; name the one that holds sources.yaml and terms/", file=sys.stderr)
        return 1
    played_scenarios = {
        name: played for name in list_scenario_ids() if isinstance(played := play_shipped(name), PlayedScenario)
    }
    book = read_book(options.folder.resolve(), played_scenarios)
    if book.problems:
        print("\n\n".join(mistakes.show() for mistakes in book.problems), file=sys.stderr)
        return 1
    unseen_terms = [term.id for term in book.terms.values() if term.search_for and not book.occurrences[term.id]]
    parts = {"term": book.terms, "system": book.systems, "incident": book.incidents, "source": book.sources}
    counts = [f"{len(entries)} {kind}{'' if len(entries) == 1 else 's'}" for kind, entries in parts.items()]
    print(f"{', '.join(counts)}: nothing wrong")
    if unseen_terms:
        print(f"no scenario shows what is looked for under: {', '.join(unseen_terms)}")
    return 0


def _render_step(options: argparse.Namespace) -> int:
    played = _load_and_play(options.scenario)
    if isinstance(played, Problems):
        return _print_problems(played)
    if not 1 <= options.step <= len(played.moments):
        print(
            f"there is no step {options.step}; {options.scenario} has steps 1 to {len(played.moments)}", file=sys.stderr
        )
        return 1
    drawing = draw_standalone(make_figures(played, prefix="raft"), step=options.step, view=options.view)
    if options.output is None:
        print(drawing)
        return 0
    try:
        options.output.write_text(drawing + "\n", encoding="utf-8")
    except OSError as error:
        print(f"{options.output}: {error.strerror}; choose a place that can be written", file=sys.stderr)
        return 1
    return 0


def _run_chaos(options: argparse.Namespace) -> int:
    has_valid_numbers = options.until >= 1 and options.slowest >= 1 and options.faults >= 0 and options.spread >= 0
    if not has_valid_numbers or not 1 <= options.nodes <= 9 or not 0 <= options.loss < 1:
        allowed_ranges = (
            "nodes go from 1 to 9, loss from 0 to below 1, until and slowest from 1, faults and spread from 0"
        )
        print(allowed_ranges, file=sys.stderr)
        return 1
    protocol = PROTOCOLS[options.protocol]
    if options.features and protocol is not RAFT:
        print(f"{protocol.title} has no such features; leave them out, or run raft", file=sys.stderr)
        return 1
    schedule = RandomRun(
        nodes=options.nodes,
        seed=options.seed,
        until_ms=options.until,
        faults=options.faults,
        loss=options.loss,
        slowest_ms=options.slowest,
        spread_ms=options.spread,
        features=resolve_conflicts(Feature(feature) for feature in options.features),
    )
    return _print_run(replace(schedule.make_setup(), protocol=protocol), schedule.seed)


if __name__ == "__main__":
    sys.exit(main())
