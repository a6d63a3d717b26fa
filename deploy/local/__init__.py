"""The whole system on one machine: Kafka itself, PostgreSQL itself, and the services as processes."""
