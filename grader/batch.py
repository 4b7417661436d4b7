"""Many submissions: a queue over a few threads, results stored as they come, finished ones never graded twice."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from grader.client import Worker
from grader.course import Course
from grader.grade import grade_submission
from grader.intake.discover import Submission
from grader.model import Overall, SubmissionReport
from grader.runner import Runner
from grader.store import Store

Progress = Callable[[SubmissionReport, bool], None]  # a report, and whether it came from the store


@dataclass(frozen=True)
class Options:
    """How a batch runs. `torch` is "torch" or "standin"; `fingerprint` stands for rubric, seed and versions."""

    jobs: int
    torch: str
    confined: bool
    fingerprint: str
    only: tuple[str, ...] | None = None


def grade_batch(
    submissions: Sequence[Submission], course: Course, store: Store, options: Options, progress: Progress
) -> tuple[SubmissionReport, ...]:
    """Grade what is new or changed, take the rest from the store; reports sorted by student id.

    A worker belongs to a thread for the whole batch. Every finished report is stored before the next one is waited for,
    so that an interrupted run goes on where it stopped.
    """
    reports: list[SubmissionReport] = []
    fresh: list[tuple[Submission, str]] = []
    for submission in submissions:
        key = result_key(submission, options)
        known = store.get(submission.student.id, key)
        if known is not None and known.status is not Overall.GRADER_ERROR:
            reports.append(known)
            progress(known, True)
        else:
            fresh.append((submission, key))
    with closing(_graded(fresh, course, options)) as graded:
        for report, key in graded:
            if report.status is not Overall.GRADER_ERROR:
                store.put(report, key, datetime.now(UTC))
            reports.append(report)
            progress(report, False)
    return tuple(sorted(reports, key=lambda report: report.student.id))


def result_key(submission: Submission, options: Options) -> str:
    """Equal for equal files under an equal rubric, seed and version."""
    digest = hashlib.sha256(options.fingerprint.encode())
    digest.update(repr((options.only, options.torch, options.confined)).encode())
    digest.update(submission.digest().encode())
    return digest.hexdigest()


def _graded(
    fresh: Sequence[tuple[Submission, str]], course: Course, options: Options
) -> Generator[tuple[SubmissionReport, str], None, None]:
    if not fresh:
        return
    workers: list[Worker] = []
    local = threading.local()
    lock = threading.Lock()

    def start() -> None:
        worker = Worker(torch="auto" if options.torch == "torch" else "standin", confined=options.confined)
        worker.__enter__()
        local.worker = worker
        with lock:
            workers.append(worker)

    def one(submission: Submission) -> SubmissionReport:
        return grade_submission(submission, course, Runner(local.worker, options.torch), options.only)

    pool = ThreadPoolExecutor(max_workers=min(options.jobs, len(fresh)), initializer=start, thread_name_prefix="grade")
    try:
        waiting: dict[Future[SubmissionReport], str] = {}
        queue = iter(fresh)
        while True:
            for submission, key in queue:
                waiting[pool.submit(one, submission)] = key
                if len(waiting) >= 2 * options.jobs:
                    break
            if not waiting:
                return
            done, _ = wait(waiting, return_when=FIRST_COMPLETED)
            for future in done:
                yield future.result(), waiting.pop(future)
    except BaseException:  # Ctrl-C, for one: what is being graded now is given up
        for worker in workers:
            worker.stop()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
        for worker in workers:
            worker.__exit__(None, None, None)


def fingerprint(course: Course, folders: Sequence[Path]) -> str:
    """A digest of the seed, the kind of run (with the digits' folder), and every file that a verdict depends on."""
    kind = f"{course.homework.key} {course.seed} {course.full_training} {course.mnist and course.mnist.resolve()}"
    digest = hashlib.sha256(kind.encode())
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.suffix in {".py", ".ipynb", ".toml", ".json", ".npz"} and path.is_file():
                digest.update(path.relative_to(folder).as_posix().encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()
