"""Hostile and broken hand-ins, by class. Each says what its honest part earns; the tests see what it must not do."""
