"""``raftstep chaos``: a cluster under random faults, every state of it checked."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from typing import Any

from raftstep.cli.exit_codes import ExitCode
from raftstep.cli.numbers import LARGEST_SEED, loss_share, whole_number
from raftstep.cli.printing import print_trace
from raftstep.cli.soak import make_runs
from raftstep.cli.workers import add_worker_options
from raftstep.core.model import Settings
from raftstep.limits import FAULTS, NODES, RUN_MS, RUNS, SCENARIO_MS
from raftstep.simulation.features import EXCLUSIVE_PAIRS, Feature, resolve_conflicts
from raftstep.simulation.protocol import RAFT
from raftstep.simulation.protocols import PROTOCOLS
from raftstep.simulation.random_run import RandomRun


def add_verb(verbs: Any) -> None:
    """Add the verb to the command line."""
    parser = verbs.add_parser("chaos", help="run a cluster under random faults and check every state")
    parser.add_argument(
        "--nodes", type=whole_number(1, NODES), default=5, metavar="N", help="how many nodes; 5 by default"
    )
    parser.add_argument(
        "--seed", type=whole_number(0, LARGEST_SEED), default=1, metavar="N", help="the seed; 1 by default"
    )
    many_help = "make this many runs, with this seed and the next ones, and print only what breaks"
    parser.add_argument("--count", type=whole_number(1, RUNS), default=1, metavar="N", help=many_help)
    parser.add_argument(
        "--until", type=whole_number(1, RUN_MS), default=3000, metavar="MS", help="the end; 3000 by default"
    )
    faults_help = "how many faults and requests; 20 by default"
    parser.add_argument("--faults", type=whole_number(0, FAULTS), default=20, metavar="N", help=faults_help)
    loss_help = "the share of messages that is lost; 0.1 by default"
    parser.add_argument("--loss", type=loss_share, default=0.1, metavar="SHARE", help=loss_help)
    slowest_help = "the longest latency of a message"
    parser.add_argument(
        "--slowest", type=whole_number(1, SCENARIO_MS.most), default=40, metavar="MS", help=slowest_help
    )
    spread_help = "the width of the range of election timeouts"
    parser.add_argument("--spread", type=whole_number(0, SCENARIO_MS.most), default=150, metavar="MS", help=spread_help)
    recover_help = "then end the faults, and require a leader within this time"
    parser.add_argument("--recover", type=whole_number(0, RUN_MS), default=0, metavar="MS", help=recover_help)
    parser.add_argument(
        "--with",
        dest="features",
        action="append",
        default=[],
        choices=list(Feature),
        metavar="FEATURE",
        help=f"switch on a part beyond Figure 2; may be repeated: {', '.join(Feature)}",
    )
    parser.add_argument("--protocol", choices=tuple(PROTOCOLS), default=RAFT.name, help=f"{RAFT.name} by default")
    add_worker_options(parser)
    parser.set_defaults(run=run_chaos)


def run_chaos(options: argparse.Namespace) -> int:
    """Make a random run from the options and print it; or many, and print what breaks."""
    protocol = PROTOCOLS[options.protocol]
    if options.features and protocol is not RAFT:
        print(f"{protocol.title} has no such features; leave them out, or run raft", file=sys.stderr)
        return ExitCode.PROBLEM
    for pair in EXCLUSIVE_PAIRS:
        if set(pair) <= set(options.features):
            print(
                f"{' and '.join(pair)} exclude each other; try each in a run of its own",
                file=sys.stderr,
            )
            return ExitCode.PROBLEM
    if options.recover and (problem := _find_recovery_obstacle(options)):
        print(problem, file=sys.stderr)
        return ExitCode.PROBLEM
    random_run = RandomRun(
        nodes=options.nodes,
        seed=options.seed,
        until_ms=options.until,
        faults=options.faults,
        loss=options.loss,
        slowest_ms=options.slowest,
        spread_ms=options.spread,
        recovery_ms=options.recover,
        features=resolve_conflicts(Feature(feature) for feature in options.features),
        protocol=protocol.name,
    )
    if options.count > 1 or options.scheduler:
        seeds = range(options.seed, options.seed + options.count)
        return make_runs((replace(random_run, seed=seed) for seed in seeds), options)
    return print_trace(random_run.make_trace, random_run.find_stall)


def _find_recovery_obstacle(options: argparse.Namespace) -> str | None:
    """Why a cluster owes no leader with these options."""
    if options.protocol != RAFT.name:
        return "--recover is for Raft, which is the default; leave --protocol out"
    shortest_timeout_ms = Settings().minimum_timeout_ms
    if 2 * options.slowest >= shortest_timeout_ms or options.spread < options.slowest:
        return (
            f"an election needs a round trip within {shortest_timeout_ms} ms, the shortest election timeout, and "
            f"timeouts that differ; give --slowest below {shortest_timeout_ms // 2}, and --spread at least as much"
        )
    return None
