"""Room 6: from the outbox to Kafka.

- `effects`: events, outcomes and dead letters, with ids derived from their causes.
- `heartbeats`: how many events the service has published about each subject.
- `relay`: publishes the outbox; deletes a row once Kafka has confirmed its messages.
- `refused`: sets aside messages that Kafka refuses for good, and puts them back.
- `packing`: messages in batches as Kafka takes them.
"""
