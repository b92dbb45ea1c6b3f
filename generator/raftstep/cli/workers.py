"""The options of verbs that can share their work out."""

from __future__ import annotations

import argparse
import re
from ipaddress import IPv6Address

from raftstep.cli.numbers import whole_number
from raftstep.limits import JOBS


def add_worker_options(parser: argparse.ArgumentParser) -> None:
    """Add ``--jobs`` and ``--scheduler``; the work comes to the same with any."""
    group = parser.add_mutually_exclusive_group()
    jobs_help = f"how many processes, {JOBS.most} at most; one for each processor by default"
    group.add_argument("--jobs", type=whole_number(1, JOBS), metavar="N", help=jobs_help)
    group.add_argument(
        "--scheduler",
        type=scheduler_address,
        metavar="tcp://HOST:PORT",
        help="work on the Dask cluster of this scheduler",
    )


_ADDRESS = re.compile(
    r"(?:tcp|tls|wss?)://(?:[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?|\[(?P<ip>[0-9A-Fa-f:.]+)\]):(?P<port>[0-9]{1,5})"
)


def _is_ip_version_6(words: str) -> bool:
    try:
        IPv6Address(words)
    except ValueError:
        return False
    return True


def scheduler_address(words: str) -> str:
    """The address of a Dask scheduler. Dask itself is asked only with one that can be: it lingers over a wrong one."""
    match = _ADDRESS.fullmatch(words)
    if not match or not 1 <= int(match["port"]) <= 65535 or not _is_ip_version_6(match["ip"] or "::1"):
        raise argparse.ArgumentTypeError(f'"{words}" is not the address of a scheduler, such as tcp://127.0.0.1:8786')
    return words
