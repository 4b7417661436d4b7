"""Right answers to the homework sheets, and what they are checked against.

`layers` holds the layers of sheet 004, `oracles` independent ways to the same values, `errata` what the sheets get
wrong or leave open. Nothing here judges a student; numpy is all it needs (PyTorch is one of the oracles, if present).
"""
