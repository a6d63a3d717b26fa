"""SER in one process: real deciders, and stores in memory. A seed makes Kafka, the clock and the faults.

Read `scheduler`, `kafka`, `node`; then `workload` and `faults`, which a seed makes. `world` joins them, and
`promises` checks the result when the system has drained.
"""
