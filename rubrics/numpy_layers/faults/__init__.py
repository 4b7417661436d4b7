"""What each misconception would return: one module a layer of sheet 004, each fault the reference with one thing wrong.

A fault's docstring justifies it to the instructor; `words` and `hint` speak to the student. `labels` are exactly those
that it gets wrong on the rubric's cases; where it raises on ragged shapes, the square cases tell.
"""
