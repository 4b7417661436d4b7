"""Training in sheet 004: short courses from a given start, and whole ones, as evidence beside the questions."""
