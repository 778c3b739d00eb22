"""``python -m arctos FILE…``: a prompt for queries over policies."""

import sys

from arctos import Arctos


def main() -> None:
    """Loads the files named on the command line and asks what is typed."""
    Arctos().repl(list(sys.argv[1:]))


if __name__ == "__main__":
    main()
