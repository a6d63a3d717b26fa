"""SER whole, in one process: real deciders, stores in memory, and a Kafka, a clock and a fate made of a seed.

Read `scheduler`, `kafka`, `node`; then `workload` and `faults`, which a seed makes; `world` puts them
together, and `promises` judges what is left when everything is calm.
"""
