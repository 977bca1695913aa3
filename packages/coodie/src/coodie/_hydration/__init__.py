"""Reply → Python: rows become documents, and answers of lightweight transactions become results."""
