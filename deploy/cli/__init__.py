"""The `ser` command: `app` has every command and its options, and one module does the work of each.

| module | what it holds |
|---|---|
| `app` | the commands with their options, and the exit codes |
| `lifecycle` | `ser up`, `ser down` |
| `status` | `ser status` |
| `logs` | `ser logs` |
| `console` | `ser console` |
| `commands` | `ser commands` |
| `send` | `ser send` |
| `held` | `ser held` |
| `tail` | `ser tail` |
| `address` | where the running system listens |
| `screen` | how results and errors look |

`ser demo` is in `deploy/demo`.
"""
