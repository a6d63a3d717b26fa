"""How fast SER is, beside the least work that gives the same result: `make bench`, `python -m benchmarks`.

What is measured, a part each:

- `commands`: commands a second, beside a floor and the idiomatic way.
- `rebuild`: events a second into an empty reporting, beside a floor.
- `latency`: how long a sender waits for an outcome, beside the floor of the commands.
- `history`: how the cost of a command grows with the student's past.
- `state`: how long the whole state takes.
- `count`, `search`: the child count and the search box over generated students.
- `projection`: how fast reporting keeps events, without Kafka.
- `deciding`: processor time of the four deciding services, without Kafka and PostgreSQL.

How it is measured:

- `options`: parts and sizes, from the command line.
- `servers`: Kafka and PostgreSQL, and a place on them for each program that is measured.
- `topics`: puts messages onto topics.
- `preparation`: a service takes events before anything is measured.
- `throughput`: the steady stretch of a growing count.
- `meter`: processor time and memory of the processes.
- `results`: tables, what is asked of speed, and the results as Markdown.
- `machine`: the machine and the versions.

The students it is measured with:

- `students`, `people`: made-up students to add.
- `published_children`: children made of the published figures.

`rivals` has the floors and the idiomatic way. They share no code with SER.
"""
