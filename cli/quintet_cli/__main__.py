"""`python -m quintet_cli` is `ai`."""

from quintet_cli.boot import main

main()
