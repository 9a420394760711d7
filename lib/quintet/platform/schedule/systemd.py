"""User units of systemd for jobs: one service and one timer each, as text.

The hardening is what a user's own service manager can keep on every machine. Whatever needs a
mount or network namespace is left out: where ordinary users may not make one, the job would not
start at all, and `ai prove offline` is there to be put in front of a command.
"""

from collections.abc import Sequence

from quintet.platform.schedule.calling import (
    CATCH_UP,
    CATCH_UP_MINUTES,
    Calling,
    wants_catching_up,
)
from quintet.platform.schedule.cron import Cron, Field
from quintet.platform.schedule.job import Job, told_duration

_DAYS = ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat")
_HEAD = "# Written by `ai schedule install`; change the job and install again.\n"

_SERVICE = """\
[Unit]
Description=ai schedule: {name}

[Service]
Type=oneshot
ExecStart={command}
{environment}# 8: the job was running already, which is no failure of this unit.
SuccessExitStatus=8
# The job's own --timeout ends it; this manager only has to end what is left when it is stopped.
TimeoutStartSec=infinity
TimeoutStopSec=20s
UMask=0077
NoNewPrivileges=yes
LockPersonality=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
"""
_TIMER = """\
[Unit]
Description=ai schedule: {name}, {when}

[Timer]
{calendar}# After a sleep or a shutdown it fires once; the job says what becomes of what was missed.
Persistent=true
RandomizedDelaySec={jitter}
AccuracySec=30s

[Install]
WantedBy=timers.target
"""


def unit_of(job: str, calling: Calling) -> str:
    """The name of a job's units, without the ending."""
    return f"{calling.label}-{CATCH_UP}" if job == CATCH_UP else f"{calling.label}-job-{job}"


def job_of(unit: str, calling: Calling) -> str | None:
    """The job that a unit of ours is for; None for the units of others."""
    if unit == unit_of(CATCH_UP, calling):
        return CATCH_UP
    lead = f"{calling.label}-job-"
    return unit.removeprefix(lead) if unit.startswith(lead) else None


def units(jobs: Sequence[Job], calling: Calling) -> dict[str, str]:
    """Every unit file for these jobs, by its name."""
    found: dict[str, str] = {}
    for job in jobs:
        unit = unit_of(job.name, calling)
        found[f"{unit}.service"] = _service(job.name, calling)
        found[f"{unit}.timer"] = _timer(job)
    if wants_catching_up(jobs, only_on_power=True):
        unit = unit_of(CATCH_UP, calling)
        found[f"{unit}.service"] = _service(CATCH_UP, calling)
        found[f"{unit}.timer"] = _catch_up_timer()
    return found


def comparable(text: str) -> str:
    """A unit without its environment, which differs from one shell to the next."""
    lines = text.splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith("Environment="))


def calendars(cron: Cron) -> list[str]:
    """OnCalendar expressions that together are the rule; two where either day may fit."""
    clock = f"{_told(cron.hour)}:{_told(cron.minute)}:00"
    months, days = _told(cron.month), _told(cron.day)
    by_day, by_weekday = f"*-{months}-{days}", f"*-{months}-*"
    if cron.weekday.is_every:
        return [f"{by_day} {clock}"]
    weekdays = ",".join(_DAYS[number] for number in sorted(cron.weekday.values))
    if cron.is_either_day:
        return [f"{by_day} {clock}", f"{weekdays} {by_weekday} {clock}"]
    return [f"{weekdays} {by_weekday} {clock}"]


def _told(field: Field) -> str:
    if field.is_every:
        return "*"
    return ",".join(f"{number:02d}" for number in sorted(field.values))


def _service(job: str, calling: Calling) -> str:
    command = " ".join(_quoted(word, "$") for word in calling.words(job, "systemd"))
    environment = "".join(
        f"Environment={_quoted(f'{name}={value}')}\n" for name, value in calling.env.items()
    )
    return _HEAD + _SERVICE.format(name=job, command=command, environment=environment)


def _timer(job: Job) -> str:
    calendar = "".join(f"OnCalendar={line}\n" for line in calendars(job.when.cron))
    jitter = told_duration(job.jitter_s)
    return _HEAD + _TIMER.format(
        name=job.name, when=job.when.cron, calendar=calendar, jitter=jitter
    )


def _catch_up_timer() -> str:
    minutes = ",".join(f"{minute:02d}" for minute in CATCH_UP_MINUTES)
    when = "jobs that waited for power"
    calendar = f"OnCalendar=*-*-* *:{minutes}:00\n"
    return _HEAD + _TIMER.format(name=CATCH_UP, when=when, calendar=calendar, jitter="0s")


def _quoted(text: str, doubled: str = "") -> str:
    """A word in a unit file, taken literally: no specifiers and, in commands, no variables."""
    for sign in ("%", *doubled):
        text = text.replace(sign, sign * 2)
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
