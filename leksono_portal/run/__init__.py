"""What `make run` and `make test` stand on: PostgreSQL, processes, settings of a machine."""
