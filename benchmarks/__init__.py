"""Measures SER beside the least work that gives the same result: `make bench`, `python -m benchmarks`.

Each part measures one thing:

- `commands`: commands a second, beside a floor and the idiomatic way.
- `rebuild`: events a second into an empty reporting, beside a floor.
- `latency`: how long a sender waits for an outcome, beside the floor of the commands.
- `history`: how the cost of a command grows with the student's past.
- `state`: how long the histories of the whole state take.
- `count`, `search`: the child count and the search box over generated students.
- `projection`: how fast reporting keeps events, without Kafka.
- `deciding`: processor time of the four deciding services, without Kafka and PostgreSQL.
- `validation`: how long the validation of an IEP with every form and 30 goals takes.
- `console`: how long its pages take, for one person and on deadline day.

The parts use these modules:

- `options`: parts and sizes, from the command line.
- `servers`: Kafka and PostgreSQL, and a place on them for each measured program.
- `topics`: puts messages onto topics.
- `preparation`: delivers events to a service before a measurement.
- `throughput`: the steady stretch of a growing count.
- `meter`: processor time and memory of the processes.
- `results`: tables, targets, and the results as Markdown.
- `machine`: the machine and the versions.

The students come from these modules:

- `students`, `people`: made-up students to add.
- `published_children`: children made of the published figures.

`rivals` has the floors and the idiomatic way. They share no code with SER.
"""
