"""A node on this machine, from Java and the published jars: found, fetched, configured, started, watched and reaped."""
