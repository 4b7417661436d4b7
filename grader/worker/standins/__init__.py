"""Stand-ins for packages that a grading machine may lack: a small PyTorch on numpy, and inert plotting packages.

They live in the student's process. A stand-in may only give marks: it answers exactly as the real package does or it
raises, and what fails under it waits for a human. Framework layers and automatic differentiation are not in here.
"""
