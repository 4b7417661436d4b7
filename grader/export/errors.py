"""The one error of the exports."""


class ExportError(Exception):
    """Something could not be written; the message is a sentence for the instructor."""
