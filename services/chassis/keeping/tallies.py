"""Counts the messages read, by result."""

READ = {"topic": "text", "partition": "integer", "result": "text", "messages": "bigint"}
COUNT_ON = (
    "ON CONFLICT (topic, partition, result) DO UPDATE SET messages = reads.messages + excluded.messages"
)
