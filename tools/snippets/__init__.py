"""Examples as text: reading them, putting other names of host and keyspace in, and running them piece by piece."""
