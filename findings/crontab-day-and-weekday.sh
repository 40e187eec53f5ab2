#!/usr/bin/env bash
# One crontab line, five readers: "1st of the month and Mondays" is read in three ways.
#
# Versions: huey 3.5.4, celery 5.7.0, APScheduler 3.11.3, croniter 7.0.0, cronsim 2.8.
# Expected: what takes the five fields of a crontab line, or is called crontab, reads them as cron does:
#           with both a day of the month and a weekday given, the job runs when either fits (POSIX,
#           crontab), and weekday 1 is Monday.
# Seen:     "17 3 1 * 1" runs on the first of each month and on Mondays for croniter and cronsim. For
#           huey and celery both must fit: the first run is two months away, on a Monday the first. For
#           APScheduler's from_crontab both must fit and weekday 1 is Tuesday.
# Why:      a line copied from a crontab to the task queue's own scheduler ("cron is not in the container")
#           starts without a word and runs once in several months: a weekly fetch loses data for good, a
#           clean-up fills the disk. Give either the day or the weekday, weekdays by name.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

python3 -m venv venv
venv/bin/pip install --quiet huey==3.5.4 celery==5.7.0 apscheduler==3.11.3 croniter==7.0.0 cronsim==2.8

cat >readers.py <<'PYTHON'
from datetime import UTC, datetime, timedelta
from itertools import islice

import celery.schedules
import huey
from apscheduler.triggers.cron import CronTrigger
from croniter import croniter
from cronsim import CronSim

START = datetime(2026, 11, 27, tzinfo=UTC)  # a Friday
LINE = "17 3 1 * 1"
minute, hour, day, month, weekday = LINE.split()


def minutes():
    """Each minute of the year after START."""
    return (START + timedelta(minutes=passed) for passed in range(366 * 24 * 60))


def by_huey():
    fits = huey.crontab(minute=minute, hour=hour, day=day, month=month, day_of_week=weekday)
    return (moment for moment in minutes() if fits(moment.replace(tzinfo=None)))


def by_celery():
    now = START
    schedule = celery.schedules.crontab(
        minute, hour, day_of_month=day, month_of_year=month, day_of_week=weekday, nowfun=lambda: now
    )
    while True:
        # To the minute: celery counts from the clock, with fractions of a second.
        now = (now + schedule.remaining_estimate(now) + timedelta(seconds=1)).replace(second=0, microsecond=0)
        yield now


def by_apscheduler():
    trigger, now = CronTrigger.from_crontab(LINE, timezone=UTC), START
    while True:
        now = trigger.get_next_fire_time(None, now)
        yield now
        now += timedelta(seconds=1)


READERS = {
    "huey": by_huey(),
    "celery": by_celery(),
    "APScheduler": by_apscheduler(),
    "croniter": croniter(LINE, START, ret_type=datetime),
    "cronsim": CronSim(LINE, START),
}
for name, moments in READERS.items():
    print(f"{name}:", ", ".join(f"{moment:%a %Y-%m-%d}" for moment in islice(moments, 3)))
PYTHON
venv/bin/python readers.py | tee seen

cat >expected <<'TEXT'
huey: Mon 2027-02-01, Mon 2027-03-01, Mon 2027-11-01
celery: Mon 2027-02-01, Mon 2027-03-01, Mon 2027-11-01
APScheduler: Tue 2026-12-01, Tue 2027-06-01, Tue 2028-02-01
croniter: Mon 2026-11-30, Tue 2026-12-01, Mon 2026-12-07
cronsim: Mon 2026-11-30, Tue 2026-12-01, Mon 2026-12-07
TEXT
diff expected seen && echo "as described"
