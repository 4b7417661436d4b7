"""What leaves the grader: results, the workbook, pages for students and class, LMS files.

Every module here reads a `Gradebook` and writes files; none of them judges anything.
"""
