"""The observer, proved by its laws and against a network that misbehaves."""
