"""`python -m tests.rig.fullsize [names...|--all]`: make full-size models and print what they weigh."""

import argparse
import time

from benchmarks.common import model_sizes
from tests.rig.fullsize import cache, models


def main() -> None:
    """Make what is asked for; without a name, say what there is."""
    parser = argparse.ArgumentParser(prog="python -m tests.rig.fullsize", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=f"of {', '.join(models.names())}")
    parser.add_argument("--all", action="store_true", help="all of them")
    wanted = parser.parse_args()
    names = models.names() if wanted.all else wanted.names
    if not names:
        parser.print_help()
        return
    if unknown := set(names) - set(models.names()):
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(models.names())}")
    print(f"In {cache.folder()}")
    for name in names:
        start = time.perf_counter()
        path = models.model(name)
        seconds = time.perf_counter() - start
        print(f"{name:24} {model_sizes({name: path})[name]:8.1f} MiB {seconds:6.2f} s")


if __name__ == "__main__":
    main()
