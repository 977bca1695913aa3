"""What a model's annotations say about its table, read once per class."""
