#!/usr/bin/env bash
# A systemd timer for 03:17 has no run at all on the day on which the clocks go from 03:00 to 04:00.
#
# Versions: systemd of Debian (252 here), APScheduler 3.11.3, croniter 7.0.0, cronsim 2.8.
# Expected: OnCalendar=*-*-* 03:17 is "every day"; on the day without 03:17 the job runs a little later,
#           as Debian's cron does it (cron(8): jobs in the hour that was skipped run soon after).
# Seen:     systemd leaves the day out: the next run after the 27th is on the 29th. With UTC behind the
#           time each day has its run. The Python libraries that read the same crontab line run at
#           04:17 (APScheduler) or at 04:00 sharp (croniter, cronsim).
# Why:      jobs are put between two and four at night, where most zones change their clocks (02:00 in
#           Western Europe and America, 03:00 in Eastern Europe): once a year there is no backup and no
#           report for the day, on every machine of the zone at once. Write UTC behind the time.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

command -v systemd-analyze >/dev/null || apt-get install --yes --no-install-recommends systemd >apt.log
python3 -m venv venv
venv/bin/pip install --quiet apscheduler==3.11.3 croniter==7.0.0 cronsim==2.8 tzdata==2025.3

systemd() { # NAME CALENDAR
    TZ=Europe/Helsinki systemd-analyze calendar --iterations=3 --base-time="2027-03-26 12:00 UTC" "$2" |
        awk -v name="$1" '/\(in UTC\)/ { days = days sep $(NF - 2) " " $(NF - 1); sep = ", " } END { print name ": " days }'
}
cat >libraries.py <<'PYTHON'
from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger
from croniter import croniter
from cronsim import CronSim

ZONE = ZoneInfo("Europe/Helsinki")
START = datetime(2027, 3, 26, 14, tzinfo=ZONE)
LINE = "17 3 * * *"


def by_apscheduler():
    trigger, now = CronTrigger.from_crontab(LINE, timezone=ZONE), START
    while True:
        now = trigger.get_next_fire_time(None, now)
        yield now
        now = (now.astimezone(UTC) + timedelta(seconds=1)).astimezone(ZONE)


for name, moments in {
    "APScheduler": by_apscheduler(),
    "croniter": croniter(LINE, START, ret_type=datetime),
    "cronsim": CronSim(LINE, START),
}.items():
    print(f"{name}:", ", ".join(f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}" for moment in islice(moments, 3)))
PYTHON
{
    systemd "systemd, 03:17" "*-*-* 03:17"
    systemd "systemd, 03:17 UTC" "*-*-* 03:17 UTC"
    venv/bin/python libraries.py
} | tee seen

cat >expected <<'TEXT'
systemd, 03:17: 2027-03-27 01:17:00, 2027-03-29 00:17:00, 2027-03-30 00:17:00
systemd, 03:17 UTC: 2027-03-27 03:17:00, 2027-03-28 03:17:00, 2027-03-29 03:17:00
APScheduler: 2027-03-27 01:17:00, 2027-03-28 01:17:00, 2027-03-29 00:17:00
croniter: 2027-03-27 01:17:00, 2027-03-28 01:00:00, 2027-03-29 00:17:00
cronsim: 2027-03-27 01:17:00, 2027-03-28 01:00:00, 2027-03-29 00:17:00
TEXT
diff expected seen && echo "as described"
