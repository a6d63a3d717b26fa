"""The whole system on one machine: Kafka, PostgreSQL and our own programs, each as a process.

| module | what it holds |
|---|---|
| `control` | starts and stops the system from outside: `ser up`, `ser down`, tests |
| `supervisor` | the process that starts the components, restarts a dead one, and stops them all |
| `run` | the file `run.json`: what runs, in which state, on which port |
| `system` | the components in the order of their start |
| `component` | what Kafka, PostgreSQL and our own programs have in common |
| `kafka`, `postgres` | one component each: launch, wait, ready, stop, kill |
| `program`, `service` | the same for our own programs: services, issuer, console |
| `console` | the console's keys and settings |
| `jars` | fetches and verifies Kafka's jars (`kafka.lock`) |
| `unprivileged` | starts PostgreSQL when the user is root |
| `process` | one process: started with a log, identified by pid and start time, ended |
| `usage` | memory and processor time of each component |
| `home` | the run directory: data, ports, passwords, keys, logs |
| `ports` | free ports on the loopback |
| `issuer` | signs tokens for development; people sign in at `deploy/issuer` |
| `waiting` | waits for a condition or for a coroutine |
| `command_line` | how to type a `ser` command in the caller's shell |
| `failure` | an error with what happened and what to do |

`setup.sh` installs everything into `.venv`.
"""
