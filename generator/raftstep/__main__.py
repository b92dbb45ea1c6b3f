"""``python -m raftstep`` and the command ``raftstep``.

Nothing else is imported before an interrupt can be met: to import the rest takes a good part of a second.
"""

import sys


def run_program() -> int:
    """The command line, in a process of its own; what it returns is the exit code."""
    try:
        from raftstep.cli import run_program

        return run_program()
    except KeyboardInterrupt:  # while importing; later ones are met where the command is run
        sys.stderr.write("Interrupted.\n")
        return 130


if __name__ == "__main__":
    sys.exit(run_program())
