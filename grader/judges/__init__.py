"""How answers that are read, not run, are judged: one module a kind of answer."""
