"""Room 8: a service as a process.

- `definition`: a service as a value.
- `settings`: the settings of a process, from its environment.
- `run`: the command line; builds the process from its parts.
- `health`, `telemetry`: readiness, logs, metrics, traces.
- `rebuilding`: empties the tables of a projection, so that it reads all topics again.
- `collecting`: makes Python collect garbage rarely.
"""
