"""Room 1: from Kafka to batches.

- `consumer`: reads every topic the service consumes, as one member of the service's consumer group.
- `cluster`: asks Kafka about topics and the consumer group, over a connection of its own.
- `topics`: checks the topics' settings when a service starts.
- `headers`: reads Kafka messages whose header names are not UTF-8, which aiokafka cannot.
- `lanes`: splits a batch by subject, so that one part is decided while another waits for PostgreSQL.
- `worker`: takes one part of a batch to the database; retries, halves, and isolates a message that fails.
- `noting`: says in one line of the log which refusals and dead letters a batch brought.
- `offsets`: commits offsets to Kafka once their effects are safe.
"""
