"""The `grade` command: options, progress and sentences; the work is done elsewhere."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from grader import __version__, session
from grader.catalogue import UnknownHomework, homework, keys
from grader.export.errors import ExportError
from grader.gradebook import Reveal
from grader.summary import closing_lines, ink_for, progress_line

WRONG_USE = 2
NOT_JUDGED = 3


class _Commands(click.Group):
    """`grade FOLDER` is `grade submissions FOLDER`: whatever is no command is taken for a folder."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in {"--help", "-h", "--version"}:
            args = ["submissions", *args]
        return super().parse_args(ctx, args or ["--help"])


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def main() -> None:
    """Grade backpropagation homework: notebooks in, a spreadsheet with the reason for every lost mark out.

    \b
    grade SUBMISSIONS             grade a folder, a file or a zip (see: grade submissions --help)
    """


@main.command()
@click.argument("path", metavar="SUBMISSIONS", type=click.Path(path_type=Path))
@click.option("--homework", "key", metavar="KEY", help="Which homework; recognised from the files if left out.")
@click.option(
    "--out", type=click.Path(path_type=Path), default=Path("grades"), show_default=True, help="Where results go."
)
@click.option("--only", metavar="Q1,Q3", help="Judge these questions only.")
@click.option("--jobs", type=click.IntRange(1), help="How many submissions at a time; as many as there are cores.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Draws the hidden cases.")
@click.option(
    "--roster", type=click.Path(path_type=Path), help="Who is in the course: CSV with id and name, or the LMS's list."
)
@click.option("--unconfined", is_flag=True, help="Run student code even where this machine cannot confine it.")
@click.option(
    "--full-training",
    is_flag=True,
    help="Train whole nets with the students' layers too (minutes a student); 50 steps stand for them otherwise.",
)
@click.option(
    "--mnist", type=click.Path(path_type=Path), metavar="PATH", help="The folder of MNIST's own files, for digits."
)
@click.option(
    "--policy", type=click.Path(path_type=Path), metavar="FILE", help="Due dates, late days, weights, rounding (TOML)."
)
@click.option(
    "--times",
    metavar="FILE",
    help="CSV of submission times (id, time), or the word 'files' for the dates of the files. Left out: the times that "
    "the LMS's download or the last commit gives.",
)
@click.option(
    "--reveal",
    type=click.Choice([wish.value for wish in Reveal]),
    default=Reveal.ALWAYS.value,
    show_default=True,
    help="When feedback pages show expected values; after-due waits for the longest extension in the policy, not for "
    "late days.",
)
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
def submissions(path: Path, quiet: bool, **options: Any) -> None:
    """Grade a folder of submissions, one file, or a zip."""
    options["only"] = (
        tuple(part.strip() for part in options["only"].split(",") if part.strip()) if options["only"] else None
    )
    try:
        plan = session.plan(path, session.Wishes(**options))
        for remark in plan.remarks:
            click.echo(f"grade: {remark}", err=True)
        worst = 0
        outcomes = []
        for run in plan.runs:
            outcome = session.carry_out(run, progress_line(quiet, len(run.submissions)))
            outcomes.append(outcome)
            if not quiet:
                for line in closing_lines(outcome, ink_for(sys.stdout)):
                    click.echo(line)
            worst = max(worst, NOT_JUDGED if outcome.ours else 0)
        course = session.write_course_summary(plan, outcomes)
        if course is not None and not quiet:
            click.echo(f"course: {course}")
    except (session.WrongUse, UnknownHomework) as error:
        _stop(str(error), WRONG_USE)
    except session.CannotGrade as error:
        _stop(str(error), NOT_JUDGED)
    except KeyboardInterrupt:
        _stop("Stopped. What was finished is kept: the same command goes on from there.", 130)
    sys.exit(worst)


@main.command()
@click.argument("key", required=False)
@click.option("--local", is_flag=True, help="In this process only, without the confined worker (faster).")
def verify(key: str | None, local: bool) -> None:
    """Prove the rubric: every fault loses its labels and is named, every right variant keeps full marks."""
    from grader.verify import matrix_lines, verify_homework

    good = True
    for name in _chosen(key):
        rows = verify_homework(homework(name), worker=not local)
        for line in matrix_lines(name, rows):
            click.echo(line)
        good &= all(row.ok for row in rows)
    sys.exit(0 if good else 1)


@main.command()
@click.argument("key", required=False)
@click.option("--as", "style", type=click.Choice(["text", "markdown", "xlsx"]), default="text", show_default=True)
@click.option("--out", type=click.Path(path_type=Path), help="The folder for xlsx files.  [default: .]")
@click.option(
    "--mnist",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="The folder of MNIST's own files: train on their digits anew (a minute or two).",
)
def tables(key: str | None, style: str, out: Path | None, mnist: Path | None) -> None:
    """Print the reference's tables, vectors and outcomes, and how they were verified."""
    from grader.tables import table_lines, write_tables

    chosen = _chosen(key)
    try:
        session.check_digits(mnist, [homework(name) for name in chosen])
    except session.WrongUse as error:
        _stop(str(error), WRONG_USE)
    for name in chosen:
        digits = mnist if homework(name).digits is not None else None
        if style == "xlsx":
            path = (out or Path()) / f"{name}-tables.xlsx"
            path.parent.mkdir(parents=True, exist_ok=True)
            write_tables(homework(name), path, digits)
            click.echo(str(path))
            continue
        for line in table_lines(homework(name), style, digits):
            click.echo(line)


@main.command()
def doctor() -> None:
    """Try to break out of the confinement, and say what this machine offers and what is missing."""
    from grader.doctor import examine

    for finding in examine():
        click.echo(f"  {'ok  ' if finding.good else 'OPEN'}  {finding.words}")


@main.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--to", "target", required=True, help="canvas, moodle, gradescope or csv")
@click.option(
    "--roster",
    type=click.Path(path_type=Path),
    help="The LMS's own list (Canvas gradebook, Moodle grading worksheet), to be filled in; else that of the run.",
)
@click.option("--assignment", metavar="COLUMN", help='The column of the list for the marks, like "HW 3 (12345)".')
@click.option(
    "--visibility", default="after_due_date", show_default=True, help="Gradescope: when students see each test."
)
def export(folder: Path, target: str, roster: Path | None, **options: Any) -> None:
    """Write the results in DIR (a graded homework's folder) in another program's format."""
    from grader.export.lms import export as write
    from grader.people.enrolment import kept_ids, kept_roster
    from grader.people.roster import read_roster
    from grader.reopen import reopen

    def say(words: str) -> None:
        click.echo(f"grade: {words}", err=True)

    try:
        reopened = reopen(folder)
        book = reopened.gradebook
        for words in reopened.remarks:
            say(words)
        listed = read_roster(roster) if roster is not None else kept_roster(folder)
        for path in write(book, target, folder, roster=listed, lms=kept_ids(folder), say=say, **options):
            click.echo(str(path))
    except (ExportError, session.WrongUse, UnknownHomework, ValueError) as error:
        _stop(str(error), WRONG_USE)


@main.command()
@click.argument("results", metavar="RESULTS", type=click.Path(path_type=Path))
@click.argument("student", metavar="STUDENT")
@click.argument("question", metavar="[QUESTION]", required=False)
def explain(results: Path, student: str, question: str | None) -> None:
    """Show why STUDENT lost marks, with the evidence. RESULTS is a graded homework's folder or its results.jsonl."""
    from grader.explain import explain as lines
    from grader.store import StoreError

    try:
        for line in lines(results, student, question):
            click.echo(line)
    except (ExportError, StoreError, session.WrongUse, UnknownHomework) as error:
        _stop(str(error), WRONG_USE)


@main.command(context_settings={"ignore_unknown_options": True})
@click.argument("student")
@click.argument("question")
@click.argument("points", required=False)
@click.option("--comment", default="", help="Words for the student: they stand on the student's page.")
@click.option(
    "--in", "root", type=click.Path(path_type=Path), default=Path("grades"), show_default=True, help="The results."
)
@click.option("--homework", "key", metavar="KEY", help="Which homework; needed where the student handed in several.")
@click.option("--clear", is_flag=True, help="Take the mark back, so that the grader's points count again.")
def mark(
    student: str, question: str, points: str | None, comment: str, root: Path, key: str | None, clear: bool
) -> None:
    """Give a student POINTS for a whole QUESTION, in place of the grader's; nothing is graded again."""
    from grader import reopen
    from grader.export.marks import value_of

    value = value_of(points)
    if clear == (points is not None) or not (clear or isinstance(value, float)):
        _stop("Give the points as a number, like: grade mark amal Q1 1.5 (or --clear to take a mark back).", WRONG_USE)
    try:
        kept = reopen.mark(root, student, question, value if isinstance(value, float) else None, comment, key)
    except (ExportError, session.WrongUse, UnknownHomework) as error:
        _stop(str(error), WRONG_USE)
    click.echo(kept.words)
    for words in kept.remarks:
        click.echo(f"grade: {words}", err=True)
    click.echo(str(kept.workbook))


def _chosen(key: str | None) -> tuple[str, ...]:
    if key is not None and key not in keys():
        _stop(f"There is no homework {key!r}. The homeworks are: {', '.join(keys())}.", WRONG_USE)
    return (key,) if key is not None else keys()


def _stop(message: str, code: int) -> None:
    click.echo(f"grade: {message}", err=True)
    sys.exit(code)
