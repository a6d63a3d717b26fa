"""How fast SER is, beside what the same machine can do: `make bench`, `python -m benchmarks`."""
