"""Room 8: a service as a process.

- `definition`: a service as a value.
- `settings`: the settings of a process, from its environment.
- `run`: the command line; builds the process from its parts.
- `health`, `telemetry`: readiness, logs, metrics, traces.
- `collecting`: makes Python collect garbage rarely.
"""
