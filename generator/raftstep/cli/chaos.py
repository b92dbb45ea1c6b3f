"""``raftstep chaos``: a cluster under random faults, every state of it checked."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from typing import Any

from raftstep.cli.exit_codes import ExitCode
from raftstep.cli.printing import print_run
from raftstep.cli.soak import make_runs
from raftstep.cli.workers import add_worker_options, positive_number
from raftstep.simulation.features import EXCLUSIVE_PAIRS, Feature, resolve_conflicts
from raftstep.simulation.protocol import RAFT
from raftstep.simulation.protocols import PROTOCOLS
from raftstep.simulation.random_run import RandomRun


def add_verb(verbs: Any) -> None:
    """Add the verb to the command line."""
    parser = verbs.add_parser("chaos", help="run a cluster under random faults and check every state")
    parser.add_argument("--nodes", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    many_help = "make so many runs, of this seed and those after it, and print only what breaks"
    parser.add_argument("--count", type=positive_number, default=1, metavar="N", help=many_help)
    parser.add_argument("--until", type=int, default=3000, metavar="MS")
    parser.add_argument("--faults", type=int, default=20)
    parser.add_argument("--loss", type=float, default=0.1)
    parser.add_argument("--slowest", type=int, default=40, metavar="MS", help="the longest a message takes")
    parser.add_argument("--spread", type=int, default=150, metavar="MS", help="how far election timeouts differ")
    parser.add_argument(
        "--with",
        dest="features",
        action="append",
        default=[],
        choices=list(Feature),
        metavar="FEATURE",
        help=f"switch a part beyond Figure 2 on, as often as wanted: {', '.join(Feature)}",
    )
    parser.add_argument("--protocol", choices=tuple(PROTOCOLS), default=RAFT.name)
    add_worker_options(parser)
    parser.set_defaults(run=run_chaos)


def run_chaos(options: argparse.Namespace) -> int:
    """Make a random run from the options and print it; or many, and print what breaks."""
    has_valid_numbers = options.until >= 1 and options.slowest >= 1 and options.faults >= 0 and options.spread >= 0
    if not has_valid_numbers or not 1 <= options.nodes <= 9 or not 0 <= options.loss < 1:
        allowed_ranges = (
            "nodes go from 1 to 9, loss from 0 to below 1, until and slowest from 1, faults and spread from 0"
        )
        print(allowed_ranges, file=sys.stderr)
        return ExitCode.PROBLEM
    protocol = PROTOCOLS[options.protocol]
    if options.features and protocol is not RAFT:
        print(f"{protocol.title} has no such features; leave them out, or run raft", file=sys.stderr)
        return ExitCode.PROBLEM
    for first, second in EXCLUSIVE_PAIRS:
        if {first, second} <= set(options.features):
            print(f"{first} and {second} exclude each other; leave one of them out", file=sys.stderr)
            return ExitCode.PROBLEM
    random_run = RandomRun(
        nodes=options.nodes,
        seed=options.seed,
        until_ms=options.until,
        faults=options.faults,
        loss=options.loss,
        slowest_ms=options.slowest,
        spread_ms=options.spread,
        features=resolve_conflicts(Feature(feature) for feature in options.features),
        protocol=protocol.name,
    )
    if options.count > 1 or options.scheduler:
        seeds = range(options.seed, options.seed + options.count)
        return make_runs((replace(random_run, seed=seed) for seed in seeds), options)
    return print_run(random_run.make_setup(), random_run.seed)
