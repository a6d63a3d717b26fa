"""Room 8: a service as a process.

- `definition`: a service as a value.
- `settings`: the settings of a process, from its environment.
- `run`: the command line, and the parts of the process put together.
- `health`, `telemetry`: readiness, logs, metrics, traces.
- `collecting`: how often Python collects garbage.
"""
