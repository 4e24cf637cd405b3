"""`python -m knik`."""

from knik.cli.main import main

main()
