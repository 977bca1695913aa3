"""What the documents of the public API promise, feature by feature, and the page that says which tests show it."""
