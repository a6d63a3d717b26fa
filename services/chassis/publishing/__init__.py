"""Room 6: from the outbox to Kafka.

- `effects`: makes events, outcomes and dead letters, with ids derived from their causes.
- `heartbeats`: writes heartbeats with the number of published events about each subject.
- `relay`: publishes the outbox; deletes a row once Kafka has confirmed its messages.
- `refused`: sets aside messages that Kafka refuses for good, and puts them back.
- `packing`: packs messages into Kafka's batches.
"""
