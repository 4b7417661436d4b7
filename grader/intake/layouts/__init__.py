"""The download layouts of learning management systems, one a file. A new one is a function and a line here."""

from __future__ import annotations

from grader.intake.layouts.canvas import canvas
from grader.intake.layouts.classroom import classroom
from grader.intake.layouts.entry import Entry, HandIn, Layout, Reading
from grader.intake.layouts.gradescope import gradescope
from grader.intake.layouts.groups import listed_members
from grader.intake.layouts.moodle import moodle

__all__ = ["LAYOUTS", "Entry", "HandIn", "Layout", "Reading", "listed_members"]

LAYOUTS: tuple[Layout, ...] = (gradescope, moodle, canvas, classroom)
"""From the one that is told most certainly to the least; the first that reads a download reads it all."""
