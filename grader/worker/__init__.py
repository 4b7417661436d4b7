"""The only package that the student's process can import: programs, their interpreter, the wire and the sandbox.

Nothing in here knows an expected value, and nothing in here imports the rest of `grader`.
"""
