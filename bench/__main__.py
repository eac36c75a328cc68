"""`python -m bench [NAME ...]`: runs the measurements, all of them by default."""

import importlib
import sys

NAMES = ("engine", "language", "importing", "flow", "web", "opening", "simulation", "rehearsal")


def main(wanted: list[str]) -> int:
    """Run what is wanted; 2 for a name that is none."""
    unknown = sorted(set(wanted) - set(NAMES))
    if unknown:
        print(f"No such measurement: {', '.join(unknown)}. There are: {', '.join(NAMES)}.")
        return 2
    for name in wanted or NAMES:
        print(f"\n== {name}")
        importlib.import_module(f"bench.{name}").main()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
