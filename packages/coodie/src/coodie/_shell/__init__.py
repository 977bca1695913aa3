"""The only place that touches a driver: which one a model talks to, and running operations over it."""
