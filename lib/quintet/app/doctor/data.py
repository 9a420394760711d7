"""Checks of what is the user's: settings, keys, the record, the stores, the budget."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from quintet.app.doctor.finding import Finding, State
from quintet.errors import Kind, QuintetError

if TYPE_CHECKING:
    from quintet.app.home import App


def check_settings(app: "App") -> Iterator[Finding]:
    """Every value usable, nothing that is silently ignored."""
    problems = app.config.problems()
    for problem in problems:
        yield Finding("settings", State.BROKEN, str(problem), problem.hint or "ai config edit")
    for notice in app.config.notices():
        what = f"{notice.where}: {notice.what}" if notice.where else notice.what
        yield Finding("settings", State.LACKING, what, notice.hint)
    if not problems:
        yield Finding("settings", State.GOOD, "every value can be used")


def check_keys(app: "App") -> Iterator[Finding]:
    """Whether encrypted data would survive the loss of a key file or a desktop."""
    from quintet.platform.keys.status import status_of

    found = status_of(app.keys)
    if not found.exists:
        yield Finding("keys", State.GOOD, "nothing is encrypted yet")
        return
    ways = f"{len(found.slots)} ways in" if len(found.slots) > 1 else "one way in"
    groups = ", ".join(group.name for group in found.groups) or "nothing"
    yield Finding("keys", State.GOOD, f"encrypted: {groups}; {ways}")
    if not found.has_recovery:
        what = "no recovery code and no passphrase: a lost key file is lost data"
        yield Finding("keys", State.LACKING, what, "ai key add recovery")


def check_record(app: "App") -> Iterator[Finding]:
    """The chain of the record, and what keeping old content costs."""
    usage = app.record.vault.usage()
    kept = f"{usage.contents} old contents kept for undo, {usage.size_bytes >> 20} MB"
    yield Finding("record", State.GOOD, kept)


def check_stores(app: "App") -> Iterator[Finding]:
    """Whether each store opens: its format, its key, its lock. `ai store check` reads it all."""
    from quintet.platform.store.upkeep import Upkeep

    for database in app.stores():
        name = f"store {database.name}"
        try:
            info = Upkeep(database).info()
        except QuintetError as error:
            waits = error.kind in (Kind.BUSY, Kind.NEEDS_APPROVAL)
            state = State.LACKING if waits else State.BROKEN
            yield Finding(name, state, str(error), error.hint)
        else:
            how = ", encrypted" if info.encrypted else ""
            yield Finding(name, State.GOOD, f"opens: {info.size_bytes >> 10:,} kB{how}")


def check_budget(app: "App") -> Iterator[Finding]:
    """Whether spending is blocked after a provider charged more than was reserved."""
    app.budget.standing()
    yield Finding("budget", State.GOOD, "its book can be read")


def check_schedule(app: "App") -> Iterator[Finding]:
    """Whether what calls the jobs is there, runs, and calls what the jobs say."""
    jobs = app.schedule.jobs
    for broken in jobs.broken:
        what = f"the job {broken.name} cannot be read: {broken.why}"
        yield Finding("schedule", State.BROKEN, what, f"${{EDITOR:-vi}} '{jobs.path}'")
    installed = [one for one in app.schedule.installed() if one.is_there]
    if not jobs.good and not installed:
        if not jobs.broken:
            yield Finding("schedule", State.GOOD, "no jobs")
        return
    differ = [f"{drift.job} {drift.what}" for one in installed for drift in one.drift]
    if not installed:
        what = f"nothing calls the {len(jobs.good)} jobs"
        yield Finding("schedule", State.LACKING, what, "ai schedule install")
    elif differ:
        hint = "ai schedule install" if jobs.good else "ai schedule uninstall"
        yield Finding("schedule", State.BROKEN, "; ".join(differ), hint)
    else:
        callers = " and ".join(one.scheduler for one in installed)
        yield Finding("schedule", State.GOOD, f"{callers} calls {len(jobs.good)} jobs")
    for trouble in (words for one in installed for words in one.troubles):
        what, _, hint = trouble.partition(": ")
        yield Finding("schedule", State.LACKING, what, hint)
