"""From what a student handed in to evidence: cells, definitions and answers. Everything is parsed; nothing is run."""
