#!/usr/bin/env bash
# Installs Foyer from the folder it lies in on a Debian machine: Python, the project in /opt/foyer, its
# data in /var/lib/foyer, its settings in /etc/foyer/environment, web server and worker under systemd,
# the daily fetch in foyer's crontab. Run as root; run again to upgrade.
set -euo pipefail

source=$(cd "$(dirname "$0")/../.." && pwd)
export DEBIAN_FRONTEND=noninteractive

apt-get update -q
apt-get install -q -y --no-install-recommends ca-certificates cron rsync

# The newest Python that Debian offers and that Foyer's tests passed on; PYTHON_VERSION=3.14 wants that one.
for version in ${PYTHON_VERSION:-3.15 3.14 3.13 3.12 3.11}; do
    if apt-get install -q -y --no-install-recommends "python$version" "python$version-venv"; then
        python=python$version
        break
    fi
done
: "${python:?no fitting Python: this script needs Debian 12 or newer}"

id foyer >/dev/null 2>&1 || useradd --system --home-dir /var/lib/foyer --shell /usr/sbin/nologin foyer
install --directory --mode 0755 /opt/foyer /etc/foyer
install --directory --owner foyer --group foyer --mode 0750 /var/lib/foyer /var/lib/foyer/backups

rsync --archive --delete --chown=root:root --exclude .git --exclude .venv --exclude var --exclude .env \
    --exclude dist "$source/" /opt/foyer/

if [ ! -f /etc/foyer/environment ]; then
    install --owner root --group foyer --mode 0640 /dev/stdin /etc/foyer/environment <<SETTINGS
DATA_DIR=/var/lib/foyer
HOST=${HOST:-127.0.0.1}
PORT=${PORT:-8000}
SETTINGS
fi
# One file for systemd, cron and the shell alike.
ln -sfn /etc/foyer/environment /opt/foyer/.env

PYTHON=$python /opt/foyer/scripts/environment

cat >/usr/local/sbin/foyer <<'COMMAND'
#!/bin/sh
# manage.py as the user foyer: foyer createsuperuser, foyer doctor …
cd /opt/foyer && exec setpriv --reuid foyer --regid foyer --init-groups env HOME=/var/lib/foyer .venv/bin/python manage.py "$@"
COMMAND
chmod 0755 /usr/local/sbin/foyer

foyer setup
foyer schedule add

install --mode 0644 /opt/foyer/deploy/systemd/foyer-*.service /opt/foyer/deploy/systemd/foyer-*.timer /etc/systemd/system/
if [ -d /run/systemd/system ]; then
    systemctl daemon-reload
    systemctl enable --now foyer-backup.timer
    systemctl enable foyer-web foyer-worker
    systemctl restart foyer-web foyer-worker
else
    echo "systemd does not run here: start Foyer with 'foyer run_web' and 'foyer run_worker'."
fi
