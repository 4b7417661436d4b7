"""The rubrics: one package a homework, each with its `homework`, cases, faults and right variants."""
