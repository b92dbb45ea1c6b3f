"""Fuzz for as long as wanted: ``make fuzz ARGS="--seed 7 --runs 100000"``.

The same seed gives the same inputs, whatever the number of processes. An input that fails is kept as a file in
``tests/fuzz/regressions/``, which the suite tries again from then on.
"""

from __future__ import annotations

import argparse
import re
import secrets
import sys
import time
from collections import Counter

from raftstep.executors import map_tasks, open_executor, processors
from tests.fuzz.running import regression_path, run_batch
from tests.fuzz.targets import TARGETS

BATCH_SIZE = 50


def main() -> int:
    options = read_options()
    print(f"seed {options.seed}: {options.runs:,} inputs for {', '.join(options.targets)}", flush=True)
    numbers = range(options.first, options.first + options.runs)
    batches = [numbers[low : low + BATCH_SIZE] for low in range(0, len(numbers), BATCH_SIZE)]
    tasks = [(options.seed, options.targets, batch) for batch in batches]
    runs, failures, start_s = 0, Counter[str](), time.monotonic()
    try:
        # At least two, for one would be a thread, in which no input can be stopped.
        with open_executor(jobs=max(2, options.jobs or processors())) as executor:
            for number, found in enumerate(map_tasks(executor, run_batch, tasks), 1):
                runs = min(number * BATCH_SIZE, options.runs)
                for name, content, failure in found:
                    keep(name, content, failure, failures)
                if number % 20 == 0:
                    print(f"{runs:,} inputs, {time.monotonic() - start_s:.0f} s, {failures.total()} failed", flush=True)
    except KeyboardInterrupt:
        print("Interrupted.")
    print(f"seed {options.seed}: {runs:,} inputs, {time.monotonic() - start_s:.0f} s, {failures.total()} failed")
    for cause, count in failures.most_common():
        print(f"{count:>6}  {cause}")
    return 1 if failures else 0


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make fuzz", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000), help="drawn and told when left out")
    parser.add_argument("--runs", type=int, default=100_000, help="how many inputs; 100,000 by default")
    parser.add_argument("--first", type=int, default=0, help="the number of the first input")
    parser.add_argument("--target", dest="targets", action="append", choices=list(TARGETS), help="only this kind")
    jobs_help = "how many processes, from 2; as many as processors by default"
    parser.add_argument("--jobs", type=int, help=jobs_help)
    options = parser.parse_args()
    if options.runs < 1:
        parser.error("--runs is a whole number from 1")
    options.targets = options.targets or list(TARGETS)
    return options


def keep(name: str, content: bytes, failure: str, failures: Counter[str]) -> None:
    """Keep an input that failed, unless others failed in the same way."""
    cause = f"{name}: {describe_cause(failure)}"
    failures[cause] += 1
    if failures[cause] == 1:
        path = regression_path(name, content)
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        print(f"{failure}\nkept as {path.name}", flush=True)


def describe_cause(failure: str) -> str:
    """The kind of an exception, and where in the package it came about: what two failures of one cause share."""
    places = re.findall(r'File "[^"]*?([^/"]+)", line (\d+), in (\S+)', failure)
    kind = failure.strip().splitlines()[-1].partition(":")[0]
    return " ".join([kind, "at", ":".join(places[-1])])


if __name__ == "__main__":
    sys.exit(main())
