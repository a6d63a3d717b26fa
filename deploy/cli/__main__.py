"""`python -m deploy.cli` is `ser`."""

from deploy.cli.app import main

main()
