"""Entry of the scripts beside this file: `main.py COMMAND ARGUMENTS`, standard library only."""

import sys

from bootstrap.commands import main

if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1], sys.argv[2:]))
