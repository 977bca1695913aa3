"""State → Request: what was asked for becomes CQL, once per shape, and values in its order on every call."""
